package desired

import (
	"maps"

	"k8s.io/apimachinery/pkg/util/validation"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// The labels by which pods are known to be a slice's and a service's. A trust
// domain takes custom resources from several namespaces, and what they make lies
// in one: a name alone would stand for the pods of namesakes too.

// WorkloadSelector selects the pods that a slice's workload makes. Those of the
// slice's instances are not among them: a ReplicaSet or DaemonSet makes any pod
// its own that it selects and that no controller holds.
func WorkloadSelector(s *xosv1.Slice) map[string]string {
	return map[string]string{
		xosv1.NamespaceLabel: s.Namespace, xosv1.SliceLabel: LabelValue(s.Name), xosv1.ControllerKindLabel: s.Spec.ControllerKind,
	}
}

// ServiceSelector selects the pods of a service's slices, which are of the
// service's own namespace.
func ServiceSelector(s *xosv1.Service) map[string]string {
	return map[string]string{xosv1.NamespaceLabel: s.Namespace, xosv1.ServiceLabel: LabelValue(s.Name)}
}

// sliceLabels are on all that belongs to a slice: its workload, and its pods,
// whether they are the workload's or an instance's.
func sliceLabels(s *xosv1.Slice) map[string]string {
	labels := map[string]string{xosv1.NamespaceLabel: s.Namespace, xosv1.SliceLabel: LabelValue(s.Name)}
	if s.Spec.Service != "" {
		labels[xosv1.ServiceLabel] = LabelValue(s.Spec.Service)
	}
	return labels
}

// workloadLabels are on the pods that a slice's workload makes.
func workloadLabels(s *xosv1.Slice) map[string]string {
	labels := sliceLabels(s)
	maps.Copy(labels, WorkloadSelector(s))
	return labels
}

// LabelValue makes a label's value out of an object's name: the name itself
// where it fits, otherwise its beginning and a hash of the whole, so that two
// long names stay two values.
func LabelValue(name string) string {
	return names.Fit(name, validation.LabelValueMaxLength)
}
