package ownership

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// TrackingAnnotations are what is written on every object that has an owner. No
// declaration of a user may hold them.
func TrackingAnnotations() []string {
	return []string{xosv1.OwnerAnnotation, xosv1.AppliedAnnotation, xosv1.AdoptedAnnotation}
}

// Applied returns the annotations that later passes compare with: the fingerprint of what
// was applied, and whether the object was there before.
func Applied(fingerprint string, adopted bool) map[string]string {
	annotations := map[string]string{xosv1.AppliedAnnotation: fingerprint}
	if adopted {
		annotations[xosv1.AdoptedAnnotation] = "true"
	}
	return annotations
}

// IsAdopted returns whether an object was there before it was taken over. Such an object
// is deleted only where the spec says so in as many words.
func IsAdopted(o metav1.Object) bool { return o.GetAnnotations()[xosv1.AdoptedAnnotation] != "" }

// Fingerprint returns the fingerprint of what was last applied to an object; empty where
// nothing was.
func Fingerprint(o metav1.Object) string { return o.GetAnnotations()[xosv1.AppliedAnnotation] }
