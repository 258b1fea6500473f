package desired

import (
	"cmp"
	"slices"
	"strings"

	corev1api "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// Two ports of a service may ask for the same number: one is renamed by creating the new one
// first, or two swap numbers and one of them is changed first. The port that has the number
// retains it, and the other waits. A port that waits retains what it has meanwhile, so that its
// node port is not allocated to another Service.

// portPlan is the desired state of one port in the native Service.
type portPlan struct {
	port     *xosv1.ServicePort
	exposure xosv1.Exposure
	protocol corev1api.Protocol
	// number is the native Service's port, target the pods'.
	number, target int32
	// asked is the node port that the spec asks for, given the one that was allocated; 0 if there
	// is none.
	asked, given int32
	// live is the port of the existing native Service; nil if it has none.
	live *corev1api.ServicePort
}

// Waiting is a port that asks for what another one of its service has.
type Waiting struct{ Port, For *xosv1.ServicePort }

// Contended returns the ports of a service that wait for others, by their names.
func Contended(in ServiceInput) map[string]Waiting {
	_, waiting := settlePorts(in)
	return waiting
}

// settlePorts computes the ports of a service's native Services, so that no two of them collide.
func settlePorts(in ServiceInput) ([]portPlan, map[string]Waiting) {
	plans := make([]portPlan, 0, len(in.Ports))
	for _, p := range sortedPorts(in.Ports) {
		plans = append(plans, planPort(p, in.Live[ExposureOf(p)]))
	}
	waiting := map[string]Waiting{}
	for {
		winner, loser, collide := collision(plans)
		if !collide {
			return plans, waiting
		}
		at := slices.IndexFunc(plans, func(p portPlan) bool { return p.port == loser.port })
		if _, again := waiting[loser.port.Name]; !again && loser.live != nil {
			plans[at] = loser.asItIs()
		} else {
			plans = slices.Delete(plans, at, at+1)
		}
		if _, known := waiting[loser.port.Name]; !known {
			waiting[loser.port.Name] = Waiting{Port: loser.port, For: winner.port}
		}
	}
}

func planPort(p *xosv1.ServicePort, live *corev1api.Service) portPlan {
	plan := portPlan{port: p, exposure: ExposureOf(p), protocol: protocol(p), number: OuterPort(p), target: p.Spec.InternalPort}
	if live != nil {
		if i := slices.IndexFunc(live.Spec.Ports, func(has corev1api.ServicePort) bool { return has.Name == PortName(p) }); i >= 0 {
			plan.live = &live.Spec.Ports[i]
		}
	}
	switch {
	case plan.exposure != xosv1.ExposureNodePort:
	case p.Spec.ExternalPort != nil:
		plan.asked = *p.Spec.ExternalPort
	case plan.live != nil:
		plan.given = plan.live.NodePort
	}
	return plan
}

// asItIs returns the plan of a port that retains its current state.
func (p portPlan) asItIs() portPlan {
	p.protocol, p.number, p.target = p.live.Protocol, p.live.Port, p.live.TargetPort.IntVal
	p.asked, p.given = 0, p.live.NodePort
	return p
}

// has returns whether a port already is as planned.
func (p portPlan) has() bool {
	return p.live != nil && p.live.Protocol == p.protocol && p.live.Port == p.number && (p.asked == 0 || p.asked == p.live.NodePort)
}

// collision returns two plans that can't both be applied, and which of the ports has to wait: the
// one that does not have yet what it asks for, or else the younger one.
func collision(plans []portPlan) (winner, loser portPlan, ok bool) {
	for i, a := range plans {
		for _, b := range plans[i+1:] {
			if !a.collides(b) {
				continue
			}
			if a.before(b) {
				return a, b, true
			}
			return b, a, true
		}
	}
	return portPlan{}, portPlan{}, false
}

func (p portPlan) collides(other portPlan) bool {
	node := max(p.asked, p.given)
	return p.exposure == other.exposure && p.protocol == other.protocol &&
		(p.number == other.number || (node != 0 && node == max(other.asked, other.given)))
}

func (p portPlan) before(other portPlan) bool {
	if has := p.has(); has != other.has() {
		return has
	}
	return cmp.Or(
		p.port.CreationTimestamp.Compare(other.port.CreationTimestamp.Time),
		strings.Compare(p.port.Name, other.port.Name),
	) < 0
}

// configuration returns the apply configuration of the native port.
func (p portPlan) configuration() *corev1.ServicePortApplyConfiguration {
	port := corev1.ServicePort().WithName(PortName(p.port)).WithPort(p.number).WithProtocol(p.protocol).
		WithTargetPort(intstr.FromInt32(p.target))
	if p.asked != 0 {
		port.WithNodePort(p.asked)
	}
	return port
}

// KeepNodePorts adds to a native Service that is to be applied the node ports that its ports
// already have. The server merges ports by their numbers, so a number that moves from one port to
// another would take the node port along.
func KeepNodePorts(want *corev1.ServiceApplyConfiguration, live *corev1api.Service) {
	if *want.Spec.Type == corev1api.ServiceTypeClusterIP {
		return
	}
	type key struct {
		number   int32
		protocol corev1api.Protocol
	}
	asked, given := map[key]bool{}, map[string]int32{}
	for _, p := range want.Spec.Ports {
		if p.NodePort != nil {
			asked[key{*p.NodePort, *p.Protocol}] = true
		}
	}
	for _, p := range live.Spec.Ports {
		given[p.Name] = p.NodePort
	}
	for i := range want.Spec.Ports {
		p := &want.Spec.Ports[i]
		if number := given[*p.Name]; p.NodePort == nil && number != 0 && !asked[key{number, *p.Protocol}] {
			p.WithNodePort(number)
		}
	}
}

func sortedPorts(ports []*xosv1.ServicePort) []*xosv1.ServicePort {
	return slices.SortedFunc(slices.Values(ports), func(a, b *xosv1.ServicePort) int { return strings.Compare(a.Name, b.Name) })
}

// ExposureOf returns a port's exposure, the default if it names none.
func ExposureOf(p *xosv1.ServicePort) xosv1.Exposure {
	if p.Spec.Exposure == "" {
		return xosv1.ExposureNodePort
	}
	return p.Spec.Exposure
}

// OuterPort returns the port of the native Service. With node ports it is the pods' own, since the
// external port is the node's.
func OuterPort(p *xosv1.ServicePort) int32 {
	if ExposureOf(p) == xosv1.ExposureNodePort || p.Spec.ExternalPort == nil {
		return p.Spec.InternalPort
	}
	return *p.Spec.ExternalPort
}

func protocol(p *xosv1.ServicePort) corev1api.Protocol {
	if p.Spec.Protocol == "" {
		return corev1api.ProtocolTCP
	}
	return p.Spec.Protocol
}

// PortName returns the name of a port in the native Service, a DNS label.
func PortName(p *xosv1.ServicePort) string { return names.Label(p.Name) }
