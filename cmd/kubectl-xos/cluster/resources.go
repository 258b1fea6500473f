package cluster

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
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

func native(of schema.GroupVersion, resource, kind string) Resource {
	return Resource{of.WithResource(resource), kind, true}
}

// The native resources that commands read.
var (
	Namespaces               = Resource{corev1.SchemeGroupVersion.WithResource("namespaces"), "Namespace", false}
	Nodes                    = Resource{corev1.SchemeGroupVersion.WithResource("nodes"), "Node", false}
	Pods                     = native(corev1.SchemeGroupVersion, "pods", "Pod")
	Services                 = native(corev1.SchemeGroupVersion, "services", "Service")
	ConfigMaps               = native(corev1.SchemeGroupVersion, "configmaps", "ConfigMap")
	ServiceAccounts          = native(corev1.SchemeGroupVersion, "serviceaccounts", "ServiceAccount")
	Deployments              = native(appsv1.SchemeGroupVersion, "deployments", "Deployment")
	StatefulSets             = native(appsv1.SchemeGroupVersion, "statefulsets", "StatefulSet")
	DaemonSets               = native(appsv1.SchemeGroupVersion, "daemonsets", "DaemonSet")
	ReplicaSets              = native(appsv1.SchemeGroupVersion, "replicasets", "ReplicaSet")
	Jobs                     = native(batchv1.SchemeGroupVersion, "jobs", "Job")
	CronJobs                 = native(batchv1.SchemeGroupVersion, "cronjobs", "CronJob")
	HorizontalPodAutoscalers = native(autoscalingv2.SchemeGroupVersion, "horizontalpodautoscalers", "HorizontalPodAutoscaler")
	PodDisruptionBudgets     = native(policyv1.SchemeGroupVersion, "poddisruptionbudgets", "PodDisruptionBudget")
	Ingresses                = native(networkingv1.SchemeGroupVersion, "ingresses", "Ingress")
	RoleBindings             = native(rbacv1.SchemeGroupVersion, "rolebindings", "RoleBinding")
)
