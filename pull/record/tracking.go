package record

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// IsPulled says whether an object is the pull's to delete: made by it and not
// handed over since. The label is text: whoever may write the object may write it,
// and risks that object alone.
func IsPulled(o xosv1.Object) bool {
	return o.GetLabels()[xosv1.PulledLabel] == xosv1.PulledValue && !xosv1.IsManaged(o)
}

// ClaimedInstance is the instance that a pod's mark names. A pod has the name of its
// instance, so a mark that names an instance of another name is nothing. A claim is
// text: maker says whether it holds.
func ClaimedInstance(pod *corev1.Pod) (ownership.Owner, bool) {
	owner, ok := ownership.OwnerOf(pod, PodKind.GroupKind())
	return owner, ok && owner.Kind == InstanceKind && owner.Name.Name == pod.Name
}

// ClaimedSlice is the Slice that the mark of a native controller names.
func ClaimedSlice(c metav1.Object, kind schema.GroupKind) (ownership.Owner, bool) {
	owner, ok := ownership.OwnerOf(c, kind)
	return owner, ok && owner.Kind == SliceKind && owner.Name.Name == c.GetName()
}
