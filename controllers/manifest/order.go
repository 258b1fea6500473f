package manifest

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	apps        = "apps"
	batch       = "batch"
	extensions  = "apiextensions.k8s.io"
	rbac        = "rbac.authorization.k8s.io"
	networking  = "networking.k8s.io"
	admission   = "admissionregistration.k8s.io"
	aggregation = "apiregistration.k8s.io"
	storage     = "storage.k8s.io"
)

// CustomResourceDefinition is the kind that defines other kinds.
var CustomResourceDefinition = schema.GroupKind{Group: extensions, Kind: "CustomResourceDefinition"}

// first and last are the order in which kinds are applied: dependencies come first. It is Helm's,
// with the definitions of kinds early and the webhooks last, as in kustomize. Kinds that are not
// listed, mostly custom ones, come between the two halves.
var first = []schema.GroupKind{
	{Kind: "Namespace"},
	CustomResourceDefinition,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"},
	{Group: networking, Kind: "NetworkPolicy"},
	{Kind: "ResourceQuota"},
	{Kind: "LimitRange"},
	{Group: "policy", Kind: "PodDisruptionBudget"},
	{Kind: "ServiceAccount"},
	{Kind: "Secret"},
	{Kind: "ConfigMap"},
	{Group: storage, Kind: "StorageClass"},
	{Kind: "PersistentVolume"},
	{Kind: "PersistentVolumeClaim"},
	{Group: rbac, Kind: "ClusterRole"},
	{Group: rbac, Kind: "ClusterRoleBinding"},
	{Group: rbac, Kind: "Role"},
	{Group: rbac, Kind: "RoleBinding"},
	{Kind: "Service"},
	{Group: apps, Kind: "DaemonSet"},
	{Kind: "Pod"},
	{Kind: "ReplicationController"},
	{Group: apps, Kind: "ReplicaSet"},
	{Group: apps, Kind: "Deployment"},
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"},
	{Group: apps, Kind: "StatefulSet"},
	{Group: batch, Kind: "Job"},
	{Group: batch, Kind: "CronJob"},
	{Group: networking, Kind: "IngressClass"},
	{Group: networking, Kind: "Ingress"},
	{Group: aggregation, Kind: "APIService"},
}

var last = []schema.GroupKind{
	{Group: admission, Kind: "ValidatingAdmissionPolicy"},
	{Group: admission, Kind: "ValidatingAdmissionPolicyBinding"},
	{Group: admission, Kind: "MutatingWebhookConfiguration"},
	{Group: admission, Kind: "ValidatingWebhookConfiguration"},
}

var ranks = func() map[schema.GroupKind]int {
	ranks := map[schema.GroupKind]int{}
	for i, kind := range first {
		ranks[kind] = i
	}
	for i, kind := range last {
		ranks[kind] = len(first) + 1 + i
	}
	return ranks
}()

func rank(kind schema.GroupKind) int {
	if r, ok := ranks[kind]; ok {
		return r
	}
	return len(first)
}

// Sort sorts documents into the order in which they are applied. Those of one kind remain in the
// order of the blob.
func Sort(documents []Document) {
	slices.SortStableFunc(documents, func(a, b Document) int {
		return cmp.Compare(rank(a.Kind.GroupKind()), rank(b.Kind.GroupKind()))
	})
}

// Waves returns entries in the order in which they are deleted: reversed, and in steps, each of
// which waits until the one before is deleted. Custom resources are deleted before what serves
// them, since their finalizers need it; definitions and namespaces come last.
func Waves(entries []ID) [][]ID {
	waves := make([][]ID, 3)
	for _, id := range slices.Backward(entries) {
		wave := 1
		switch r := rank(id.GroupKind()); {
		case r >= len(first):
			wave = 0
		case r <= rank(CustomResourceDefinition):
			wave = 2
		}
		waves[wave] = append(waves[wave], id)
	}
	for _, wave := range waves {
		slices.SortStableFunc(wave, func(a, b ID) int {
			return cmp.Compare(rank(b.GroupKind()), rank(a.GroupKind()))
		})
	}
	return slices.DeleteFunc(waves, func(wave []ID) bool { return len(wave) == 0 })
}
