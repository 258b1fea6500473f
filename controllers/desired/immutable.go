package desired

import (
	"k8s.io/apimachinery/pkg/labels"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ImmutablePart identifies the part of a slice's workload that can't be changed
// while the workload lives; empty where all of it can, and for a workload that
// keeps its own template: what is fixed in that is not the slice's.
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

// ImmutableFields names that part for a person.
func ImmutableFields(controllerKind string) string {
	if controllerKind == xosv1.ControllerKindJob {
		return "spec.template"
	}
	return "spec.serviceName and spec.volumeClaimTemplates"
}

// ImmutableSelector names for a person what Selector gives.
const ImmutableSelector = "the selector of its pods, which comes with spec.template,"

// Selector is how a slice's workload selects its pods, which can't be changed
// while the workload lives. It is empty where that is left to the workload: a job
// selects its pods by itself, and one that was taken over with its own template
// keeps its selector too.
func Selector(in SliceInput) string {
	kind := in.Slice.Spec.ControllerKind
	if in.Slice.Spec.Template == nil || kind == xosv1.ControllerKindJob || kind == xosv1.ControllerKindCronJob {
		return ""
	}
	return labels.SelectorFromSet(WorkloadSelector(in.Slice)).String()
}
