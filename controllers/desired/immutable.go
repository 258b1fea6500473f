package desired

import (
	"k8s.io/apimachinery/pkg/labels"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ImmutablePart identifies the part of a slice's workload that can't be changed after creation. It
// is empty if all of it can be changed, and for an adopted workload with its own template, whose
// immutable part is not the slice's.
func ImmutablePart(in SliceInput) (string, error) {
	if in.Slice.Spec.Template == nil {
		return "", nil
	}
	switch s := in.Slice.Spec; s.ControllerKind {
	case xosv1.ControllerKindStatefulSet:
		return digest([]any{s.ServiceName, s.VolumeClaimTemplates})
	case xosv1.ControllerKindJob:
		template, err := in.template()
		if err != nil {
			return "", err
		}
		return digest(template)
	}
	return "", nil
}

// ImmutableFields names that part to a person.
func ImmutableFields(controllerKind string) string {
	if controllerKind == xosv1.ControllerKindJob {
		return "spec.template"
	}
	return "spec.serviceName and spec.volumeClaimTemplates"
}

// ImmutableSelector names to a person what Selector returns.
const ImmutableSelector = "the selector of its pods, which comes with spec.template,"

// Selector returns the pod selector of a slice's workload, which can't be changed after creation.
// It is empty where the workload has its own: a job selects its pods by itself, and an adopted
// workload with its own template retains its selector.
func Selector(in SliceInput) string {
	kind := in.Slice.Spec.ControllerKind
	if in.Slice.Spec.Template == nil || kind == xosv1.ControllerKindJob || kind == xosv1.ControllerKindCronJob {
		return ""
	}
	return labels.SelectorFromSet(WorkloadSelector(in.Slice)).String()
}
