package status

import (
	"k8s.io/apimachinery/pkg/api/meta"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Present is the outcome of a native object that is ready as soon as it exists.
func Present(kind, name string, present bool) outcome.Outcome {
	if !present {
		return outcome.InProgress("%s %s is being created", kind, name)
	}
	return outcome.Succeeded("%s %s is as specified", kind, name)
}

// IsReady returns whether an object's Ready condition is true.
func IsReady(o xosv1.Object) bool {
	return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}
