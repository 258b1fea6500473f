package desired

import (
	"slices"
	"strings"

	corev1api "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// ServiceInput is what the native Services of a service are made of.
type ServiceInput struct {
	Service   *xosv1.Service
	Namespace string
	// Selector selects the pods of the service's slices.
	Selector map[string]string
	// Ports are all of the service's, in any order.
	Ports []*xosv1.ServicePort
}

// exposures are the kinds of native Services, in the order in which they are
// made. A native Service has one type, so each exposure has a Service of its own.
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

// Services are the native Services of a service: one for each exposure that a
// port asks for.
func Services(in ServiceInput) []NativeService {
	var all []NativeService
	for _, e := range exposures {
		var ports []*corev1.ServicePortApplyConfiguration
		for _, p := range sortedPorts(in.Ports) {
			if ExposureOf(p) == e.exposure {
				ports = append(ports, servicePort(p))
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

// ExposureOf is a port's exposure, the default where it names none.
func ExposureOf(p *xosv1.ServicePort) xosv1.Exposure {
	if p.Spec.Exposure == "" {
		return xosv1.ExposureNodePort
	}
	return p.Spec.Exposure
}

// Collision finds two ports of a service that can't both be had; ok is false
// where there are none.
func Collision(ports []*xosv1.ServicePort) (first, second *xosv1.ServicePort, ok bool) {
	ports = sortedPorts(ports)
	for i, a := range ports {
		for _, b := range ports[i+1:] {
			if ExposureOf(a) == ExposureOf(b) && protocol(a) == protocol(b) && (outer(a) == outer(b) || sameNodePort(a, b)) {
				return a, b, true
			}
		}
	}
	return nil, nil, false
}

func sortedPorts(ports []*xosv1.ServicePort) []*xosv1.ServicePort {
	return slices.SortedFunc(slices.Values(ports), func(a, b *xosv1.ServicePort) int { return strings.Compare(a.Name, b.Name) })
}

// outer is the port of the native Service: with node ports the pods' own, since
// there the external port is the node's.
func outer(p *xosv1.ServicePort) int32 {
	if ExposureOf(p) == xosv1.ExposureNodePort || p.Spec.ExternalPort == nil {
		return p.Spec.InternalPort
	}
	return *p.Spec.ExternalPort
}

func sameNodePort(a, b *xosv1.ServicePort) bool {
	return ExposureOf(a) == xosv1.ExposureNodePort && a.Spec.ExternalPort != nil && b.Spec.ExternalPort != nil &&
		*a.Spec.ExternalPort == *b.Spec.ExternalPort
}

func protocol(p *xosv1.ServicePort) corev1api.Protocol {
	if p.Spec.Protocol == "" {
		return corev1api.ProtocolTCP
	}
	return p.Spec.Protocol
}

func servicePort(p *xosv1.ServicePort) *corev1.ServicePortApplyConfiguration {
	port := corev1.ServicePort().WithName(PortName(p)).WithPort(outer(p)).WithProtocol(protocol(p)).
		WithTargetPort(intstr.FromInt32(p.Spec.InternalPort))
	if ExposureOf(p) == xosv1.ExposureNodePort && p.Spec.ExternalPort != nil {
		port.WithNodePort(*p.Spec.ExternalPort)
	}
	return port
}

// PortName is the name of a port within the native Service, which is a DNS label.
func PortName(p *xosv1.ServicePort) string { return names.Label(p.Name) }
