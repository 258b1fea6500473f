package manifest

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Health is how an object is doing, as kstatus computes it. What of the object's status
// does not follow the conventions that kstatus goes by does not count; the message says
// so of an object that is well otherwise.
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
			health = xosv1.HealthFailed // only a person ends that, so nobody should wait for it
		}
		return health, "it is paused: " + result.Message + "; to go on: kubectl rollout resume deployment/" + object.GetName() + " -n " + object.GetNamespace()
	}
	return xosv1.Health(result.Status), result.Message
}

// Expires says whether an object is a Job that the cluster deletes by itself once it has
// ended: one that is gone was done, and not lost.
func Expires(object *unstructured.Unstructured) bool {
	if object.GroupVersionKind().GroupKind() != (schema.GroupKind{Group: batch, Kind: "Job"}) {
		return false
	}
	_, expires, err := unstructured.NestedInt64(object.Object, "spec", "ttlSecondsAfterFinished")
	return err == nil && expires
}

// isPaused says whether somebody has a Deployment not take up its newest template.
func isPaused(object *unstructured.Unstructured) bool {
	paused, _, err := unstructured.NestedBool(object.Object, "spec", "paused")
	return err == nil && paused && object.GroupVersionKind().GroupKind() == schema.GroupKind{Group: apps, Kind: "Deployment"}
}

// awaitsResumption says whether a paused Deployment has pods of an older template, or has
// not begun. Of its newest template it makes pods while it is paused, too.
func awaitsResumption(object *unstructured.Unstructured) bool {
	count := func(path ...string) int64 {
		n, _, _ := unstructured.NestedInt64(object.Object, path...)
		return n
	}
	current, updated := count("status", "replicas"), count("status", "updatedReplicas")
	observed := count("status", "observedGeneration") >= object.GetGeneration()
	return observed && updated < count("spec", "replicas") && (updated < current || current == 0)
}

// Stateless says whether an object of this kind is ready by being there, so that
// nothing more than its metadata needs to be read.
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
