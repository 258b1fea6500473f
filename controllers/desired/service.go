package desired

import (
	corev1api "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// ServiceInput is what the native Services of a service are computed from.
type ServiceInput struct {
	Service   *xosv1.Service
	Namespace string
	// Selector selects the pods of the service's slices.
	Selector map[string]string
	// Ports are all of the service's, in any order.
	Ports []*xosv1.ServicePort
	// Live are the existing native Services.
	Live map[xosv1.Exposure]*corev1api.Service
}

// exposures are the kinds of native Services, in order of creation. A native Service has one type,
// so each exposure has a Service of its own.
var exposures = []struct {
	exposure xosv1.Exposure
	kind     corev1api.ServiceType
	suffix   string
}{
	// The original knew node ports only: their Service keeps the plain name.
	{xosv1.ExposureNodePort, corev1api.ServiceTypeNodePort, ""},
	{xosv1.ExposureLoadBalancer, corev1api.ServiceTypeLoadBalancer, "-loadbalancer"},
	{xosv1.ExposureClusterIP, corev1api.ServiceTypeClusterIP, "-clusterip"},
}

// NativeService is one of the native Services of a service.
type NativeService struct {
	Exposure      xosv1.Exposure
	Configuration *corev1.ServiceApplyConfiguration
}

// Services returns the native Services of a service: one for each exposure that a port asks for.
func Services(in ServiceInput) []NativeService {
	var all []NativeService
	plans, _ := settlePorts(in)
	for _, e := range exposures {
		var ports []*corev1.ServicePortApplyConfiguration
		for _, p := range plans {
			if p.exposure == e.exposure {
				ports = append(ports, p.configuration())
			}
		}
		if len(ports) == 0 {
			continue
		}
		all = append(all, NativeService{Exposure: e.exposure, Configuration: corev1.Service(nativeServiceName(in.Service, e.suffix), in.Namespace).
			WithLabels(ServiceSelector(in.Service)).
			WithSpec(corev1.ServiceSpec().WithType(e.kind).WithSelector(in.Selector).WithPorts(ports...))})
	}
	return all
}

// ServiceNames returns the names of the native Services that a service may have.
func ServiceNames(s *xosv1.Service) map[xosv1.Exposure]string {
	all := make(map[xosv1.Exposure]string, len(exposures))
	for _, e := range exposures {
		all[e.exposure] = nativeServiceName(s, e.suffix)
	}
	return all
}

// IsServiceOf returns whether a service may have a native Service of this name.
func IsServiceOf(s *xosv1.Service, name string) bool {
	for _, e := range exposures {
		if nativeServiceName(s, e.suffix) == name {
			return true
		}
	}
	return false
}

func nativeServiceName(s *xosv1.Service, suffix string) string {
	return names.Fit(s.Name+suffix, validation.DNS1035LabelMaxLength)
}
