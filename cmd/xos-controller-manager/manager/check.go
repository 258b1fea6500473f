package manager

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

const (
	// definitionsTimeout is how long definitions may take that are installed together with the
	// manager: less than it takes until failed probes have a pod restarted.
	definitionsTimeout = 30 * time.Second
	// someDefinitionsTimeout is how long it waits for the rest where some are there. Definitions that
	// are being deleted do not come back, and what is left of their resources needs the manager.
	someDefinitionsTimeout = 5 * time.Second
	// definitionsInterval is the time between two questions for them.
	definitionsInterval = 500 * time.Millisecond
)

// Check returns an error unless the API server answers and serves kinds of XOS, for which it
// waits: each is served some time after its definition was created. Otherwise both would only show
// as caches that are never filled. Kinds that are missing then are not reconciled until they come.
func (m *Manager) Check(ctx context.Context) error {
	version, err := m.info.LearnVersion(m.Cluster.Kubernetes.Discovery())
	if err != nil {
		return fmt.Errorf("the API server at %s does not answer: %w", m.host, err)
	}
	if err := m.awaitDefinitions(ctx); err != nil {
		return err
	}
	klog.FromContext(ctx).Info("Connected", "server", m.host, "version", version)
	return nil
}

func (m *Manager) awaitDefinitions(ctx context.Context) error {
	said, begun, all := false, time.Now(), len(definedKinds())
	var missing []string
	err := wait.PollUntilContextTimeout(ctx, definitionsInterval, definitionsTimeout, true, func(context.Context) (bool, error) {
		var err error
		if missing, err = m.missingKinds(); err != nil || len(missing) == 0 {
			return true, err
		}
		if !said {
			klog.FromContext(ctx).Info("Waiting for custom resource definitions", "kinds", missing)
			said = true
		}
		return len(missing) < all && time.Since(begun) > someDefinitionsTimeout, nil
	})
	if err == nil && len(missing) > 0 {
		klog.FromContext(ctx).Info("Custom resource definitions are missing: these kinds are not reconciled until they are there", "kinds", missing)
	}
	if len(missing) == all {
		return fmt.Errorf("the cluster at %s does not know %s; install the definitions first (kubectl apply -f crds/)", m.host, xosv1.SchemeGroupVersion)
	}
	return err
}

// missingKinds are the kinds of XOS that the API server does not serve.
func (m *Manager) missingKinds() ([]string, error) {
	served, err := m.Cluster.XOS.Discovery().ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String())
	if apierrors.IsNotFound(err) {
		return definedKinds(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for the kinds of %s: %w", m.host, xosv1.SchemeGroupVersion, err)
	}
	return slices.DeleteFunc(definedKinds(), func(kind string) bool {
		return slices.ContainsFunc(served.APIResources, func(r metav1.APIResource) bool { return r.Kind == kind })
	}), nil
}

// definedKinds are the kinds of XOS, sorted.
func definedKinds() []string {
	types := scheme.Scheme.KnownTypes(xosv1.SchemeGroupVersion)
	var kinds []string
	for kind := range types {
		if _, listed := types[kind+"List"]; listed { // others are options of requests
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}
