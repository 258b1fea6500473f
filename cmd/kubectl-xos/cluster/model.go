package cluster

import (
	"context"
	"fmt"
	"slices"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/hierarchy"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// ReadModel reads resources of the data model. It is an error where none of them can be read.
func ReadModel(ctx context.Context, from Source, namespace string, resources ...Resource) (*snapshot.Snapshot, error) {
	s, err := from.Read(ctx, namespace, resources...)
	switch {
	case err != nil:
		return nil, err
	case len(s.Unread) < len(resources):
		return s, nil
	case slices.ContainsFunc(s.Unread, func(u snapshot.Unread) bool { return u.Why == snapshot.Forbidden }):
		return nil, fmt.Errorf("you may not list what this shows of %s %s; a RoleBinding to ClusterRole view suffices in a namespace", xosv1.GroupName, Where(namespace))
	}
	return nil, fmt.Errorf("the cluster does not serve %s: see kubectl xos doctor", xosv1.SchemeGroupVersion)
}

// ReadWithPods reads resources of the data model and the pods that belong to them: those of the
// namespace, and those of the namespaces of trust domains that are elsewhere.
func ReadWithPods(ctx context.Context, from Source, namespace string, resources ...Resource) (*snapshot.Snapshot, error) {
	s, err := ReadModel(ctx, from, namespace, resources...)
	if err != nil {
		return nil, err
	}
	namespaces := []string{namespace}
	if namespace != "" {
		namespaces = append(namespaces, hierarchy.PodNamespaces(s, namespace)...)
	}
	for _, in := range namespaces {
		pods, err := from.Read(ctx, in, Pods)
		if err != nil {
			return nil, err
		}
		s.Add(pods)
	}
	return s, nil
}

// Where names the place where something was looked for.
func Where(namespace string) string {
	if namespace == "" {
		return "in any namespace"
	}
	return "in namespace " + namespace + " (-n chooses another one, and -A all)"
}
