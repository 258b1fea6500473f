package cluster

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Resource is a resource that can be read.
type Resource struct {
	schema.GroupVersionResource
	Kind       string
	Namespaced bool
}

// GroupVersionKind returns the kind of the resource's objects.
func (r Resource) GroupVersionKind() schema.GroupVersionKind {
	return r.GroupVersion().WithKind(r.Kind)
}

// Of returns the resource of a kind of the data model.
func Of(k snapshot.Kind) Resource {
	return Resource{xosv1.SchemeGroupVersion.WithResource(k.Plural), k.Name, k.Namespaced}
}

// Model returns the resources of the data model that have these kinds; all without any.
func Model(kinds ...string) []Resource {
	var resources []Resource
	for _, k := range snapshot.Kinds {
		if len(kinds) == 0 || slices.Contains(kinds, k.Name) {
			resources = append(resources, Of(k))
		}
	}
	return resources
}

// ModelIn returns the resources of the data model that are in a namespace, and further ones by
// their kinds; all where the namespace is empty.
func ModelIn(namespace string, further ...string) []Resource {
	return slices.DeleteFunc(Model(), func(r Resource) bool {
		return namespace != "" && !r.Namespaced && !slices.Contains(further, r.Kind)
	})
}

// The native resources that commands read.
var (
	Namespaces = Resource{corev1.SchemeGroupVersion.WithResource("namespaces"), "Namespace", false}
	Pods       = Resource{corev1.SchemeGroupVersion.WithResource("pods"), "Pod", true}
)
