package ownership

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Untracked are the changes of metadata by which an object loses our tracking metadata. The labels by
// which its owner is found go too, but where others select the object by them.
func Untracked(o metav1.Object, selected bool) map[string]any {
	labels := map[string]any{xosv1.ManagedByLabel: nil}
	for _, key := range []string{xosv1.SliceLabel, xosv1.ServiceLabel, xosv1.NamespaceLabel, xosv1.ControllerKindLabel} {
		if _, has := o.GetLabels()[key]; has && !selected {
			labels[key] = nil
		}
	}
	return map[string]any{
		"annotations": WithoutTracking(xosv1.FixedAnnotation, xosv1.MutableAnnotation),
		"labels":      labels,
	}
}
