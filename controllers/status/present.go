package status

import (
	"k8s.io/apimachinery/pkg/api/meta"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Present judges native objects that are ready as soon as they exist.
func Present(kind, name string, present bool) outcome.Outcome {
	if !present {
		return outcome.InProgress("%s %s is being created", kind, name)
	}
	return outcome.Succeeded("%s %s is as specified", kind, name)
}

// IsReady says whether an object's own conditions say that it is ready.
func IsReady(o xosv1.Object) bool {
	return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}
