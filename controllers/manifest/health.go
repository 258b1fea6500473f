package manifest

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Health returns the health of an object, as kstatus computes it. Parts of its status that do not
// follow kstatus' conventions are ignored; the message says so for an object that is otherwise
// healthy.
func Health(object *unstructured.Unstructured) (xosv1.Health, string) {
	object, unread := conventional(object)
	result, err := status.Compute(object)
	if err != nil { // which may quote the object
		return xosv1.HealthUnknown, "its status is not as Kubernetes' conventions have it: set spec.wait to false to have it not count"
	}
	if result.Status == status.CurrentStatus {
		if len(unread) > 0 {
			return xosv1.HealthCurrent, strings.Join(unread, " and ") + " can't be read, and does not count"
		}
		return xosv1.HealthCurrent, ""
	}
	if result.Status == status.InProgressStatus && isPaused(object) {
		health := xosv1.HealthInProgress
		if awaitsResumption(object) {
			health = xosv1.HealthFailed // only a person resumes it, so clients should not wait
		}
		return health, "it is paused: " + result.Message + "; to go on: kubectl rollout resume deployment/" + object.GetName() + " -n " + object.GetNamespace()
	}
	return xosv1.Health(result.Status), result.Message
}

// Expires returns whether an object is a Job that the cluster deletes once it has finished: one
// that disappears has finished, and was not lost.
func Expires(object *unstructured.Unstructured) bool {
	if object.GroupVersionKind().GroupKind() != (schema.GroupKind{Group: batch, Kind: "Job"}) {
		return false
	}
	_, expires, err := unstructured.NestedInt64(object.Object, "spec", "ttlSecondsAfterFinished")
	return err == nil && expires
}

// isPaused returns whether the rollout of a Deployment is paused.
func isPaused(object *unstructured.Unstructured) bool {
	paused, _, err := unstructured.NestedBool(object.Object, "spec", "paused")
	return err == nil && paused && object.GroupVersionKind().GroupKind() == schema.GroupKind{Group: apps, Kind: "Deployment"}
}

// awaitsResumption returns whether a paused Deployment has pods of an older template, or has not
// started. It creates pods of its newest template while it is paused, too.
func awaitsResumption(object *unstructured.Unstructured) bool {
	count := func(path ...string) int64 {
		n, _, _ := unstructured.NestedInt64(object.Object, path...)
		return n
	}
	current, updated := count("status", "replicas"), count("status", "updatedReplicas")
	observed := count("status", "observedGeneration") >= object.GetGeneration()
	return observed && updated < count("spec", "replicas") && (updated < current || current == 0)
}

// Stateless returns whether an object of this kind is ready as soon as it exists, so that only its
// metadata needs to be read.
func Stateless(kind schema.GroupKind) bool { return stateless[kind] }

var stateless = map[schema.GroupKind]bool{
	{Kind: "ConfigMap"}:                                          true,
	{Kind: "Secret"}:                                             true,
	{Kind: "ServiceAccount"}:                                     true,
	{Kind: "LimitRange"}:                                         true,
	{Group: rbac, Kind: "Role"}:                                  true,
	{Group: rbac, Kind: "RoleBinding"}:                           true,
	{Group: rbac, Kind: "ClusterRole"}:                           true,
	{Group: rbac, Kind: "ClusterRoleBinding"}:                    true,
	{Group: networking, Kind: "NetworkPolicy"}:                   true,
	{Group: networking, Kind: "IngressClass"}:                    true,
	{Group: storage, Kind: "StorageClass"}:                       true,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:          true,
	{Group: admission, Kind: "MutatingWebhookConfiguration"}:     true,
	{Group: admission, Kind: "ValidatingWebhookConfiguration"}:   true,
	{Group: "coordination.k8s.io", Kind: "Lease"}:                true,
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"}:           true,
	{Group: admission, Kind: "ValidatingAdmissionPolicyBinding"}: true,
	{Group: "node.k8s.io", Kind: "RuntimeClass"}:                 true,
	{Group: storage, Kind: "CSIDriver"}:                          true,
}
