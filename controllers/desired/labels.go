package desired

import (
	"maps"

	"k8s.io/apimachinery/pkg/util/validation"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// The labels that assign pods to a slice and a service. A trust domain admits custom resources of
// several namespaces, and their native objects share one: a name alone would select the pods of
// namesakes too.

// WorkloadSelector selects the pods that a slice's workload creates. Those of the slice's
// instances are excluded: a ReplicaSet or DaemonSet adopts any pod that it selects and that has no
// controller.
func WorkloadSelector(s *xosv1.Slice) map[string]string {
	return map[string]string{
		xosv1.NamespaceLabel: s.Namespace, xosv1.SliceLabel: LabelValue(s.Name), xosv1.ControllerKindLabel: s.Spec.ControllerKind,
	}
}

// ServiceSelector selects the pods of a service's slices, which are in the service's own
// namespace.
func ServiceSelector(s *xosv1.Service) map[string]string {
	return map[string]string{xosv1.NamespaceLabel: s.Namespace, xosv1.ServiceLabel: LabelValue(s.Name)}
}

// sliceLabels returns the labels of all objects of a slice: its workload and its pods, whether
// they are the workload's or an instance's.
func sliceLabels(s *xosv1.Slice) map[string]string {
	labels := map[string]string{xosv1.NamespaceLabel: s.Namespace, xosv1.SliceLabel: LabelValue(s.Name)}
	if s.Spec.Service != "" {
		labels[xosv1.ServiceLabel] = LabelValue(s.Spec.Service)
	}
	return labels
}

// workloadLabels returns the labels of the pods that a slice's workload creates.
func workloadLabels(s *xosv1.Slice) map[string]string {
	labels := sliceLabels(s)
	maps.Copy(labels, WorkloadSelector(s))
	return labels
}

// LabelValue returns a label's value for an object's name: the name itself if it fits, otherwise
// its beginning and a hash of the whole, so that two long names have two values.
func LabelValue(name string) string {
	return names.Fit(name, validation.LabelValueMaxLength)
}
