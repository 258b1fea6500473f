package engine

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// stamp adds what later passes compare with: the fingerprint, and whether the
// object was there before us.
func stamp[A Configuration[A]](want A, hash string, adopted bool) A {
	marks := map[string]string{xosv1.AppliedAnnotation: hash}
	if adopted {
		marks[xosv1.AdoptedAnnotation] = "true"
	}
	return want.WithAnnotations(marks)
}
