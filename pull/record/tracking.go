package record

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// IsPulled returns whether an object is the pull's to delete: created by it and not
// handed over since. The label is text: any client that may write the object may write
// it, and risks that object alone.
func IsPulled(o xosv1.Object) bool {
	return o.GetLabels()[xosv1.PulledLabel] == xosv1.PulledValue && !xosv1.IsManaged(o)
}

// ClaimedInstance returns the instance that a pod's tracking annotation names. A pod has
// the name of its instance, so an annotation that names an instance of another name is
// ignored. A claim is text: creatorOf checks it.
func ClaimedInstance(pod *corev1.Pod) (ownership.Owner, bool) {
	owner, ok := ownership.OwnerOf(pod, PodKind.GroupKind())
	return owner, ok && owner.Kind == InstanceKind && owner.Name.Name == pod.Name
}

// ClaimedSlice returns the Slice that the tracking annotation of a native controller names.
func ClaimedSlice(c metav1.Object, kind schema.GroupKind) (ownership.Owner, bool) {
	owner, ok := ownership.OwnerOf(c, kind)
	return owner, ok && owner.Kind == SliceKind && owner.Name.Name == c.GetName()
}
