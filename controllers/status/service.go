package status

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// ExposedService is a native Service as observed; nil while it is not there.
type ExposedService struct {
	Exposure xosv1.Exposure
	Live     *corev1.Service
	// Names gives the ServicePort of each native port, by the native port's name.
	Names map[string]string
}

// Service judges a service by its native Services, and fills in where it can be
// reached. waiting are its ports that wait for others of its own: that is no failure
// of the others.
func Service(into *xosv1.Service, namespace string, exposed []ExposedService, waiting []string) outcome.Outcome {
	s := &into.Status
	s.Namespace, s.ClusterIP, s.Services, s.Endpoints = namespace, "", nil, nil
	missing, pending := 0, ""
	for _, e := range exposed {
		if e.Live == nil {
			missing++
			continue
		}
		s.Services = append(s.Services, xosv1.NativeService{Exposure: e.Exposure, Name: e.Live.Name})
		if s.ClusterIP == "" {
			s.ClusterIP = e.Live.Spec.ClusterIP
		}
		s.Endpoints = append(s.Endpoints, endpoints(e)...)
		if e.Live.Spec.Type == corev1.ServiceTypeLoadBalancer && len(e.Live.Status.LoadBalancer.Ingress) == 0 {
			pending = e.Live.Name
		}
	}
	switch {
	case missing > 0:
		return outcome.InProgress("%d of %d Services are being created", missing, len(exposed))
	case pending != "":
		return outcome.InProgress("Service %s/%s waits for the address of its load balancer", namespace, pending)
	}
	if len(waiting) > 0 {
		return outcome.Succeeded("%d ports are exposed in namespace %s; %s wait for others: see their conditions", ports(exposed), namespace, strings.Join(waiting, ", "))
	}
	return outcome.Succeeded("%d ports are exposed in namespace %s", ports(exposed), namespace)
}

// Unexposed is the verdict on a service that asks for no native Service, which
// is as it should be.
func Unexposed(into *xosv1.Service, why string) outcome.Outcome {
	into.Status = xosv1.ServiceStatus{ObjectStatus: into.Status.ObjectStatus}
	into.Status.BackendHandle = ""
	return outcome.Succeeded("%s", why)
}

func ports(exposed []ExposedService) (n int) {
	for _, e := range exposed {
		n += len(e.Live.Spec.Ports)
	}
	return n
}

// endpoints are the places where the ports of one native Service can be reached,
// from the nearest scope to the farthest.
func endpoints(e ExposedService) []xosv1.Endpoint {
	var list []xosv1.Endpoint
	for _, p := range e.Live.Spec.Ports {
		point := xosv1.Endpoint{Name: e.Names[p.Name], Protocol: p.Protocol}
		if ip := e.Live.Spec.ClusterIP; ip != "" && ip != corev1.ClusterIPNone {
			inner := point
			inner.Scope, inner.Address, inner.Port = xosv1.EndpointScopeCluster, ip, p.Port
			list = append(list, inner)
		}
		if p.NodePort != 0 {
			node := point
			node.Scope, node.Port, node.NodePort = xosv1.EndpointScopeNode, p.NodePort, p.NodePort
			list = append(list, node)
		}
		for _, ingress := range e.Live.Status.LoadBalancer.Ingress {
			outer := point
			outer.Scope, outer.Address, outer.Port = xosv1.EndpointScopeExternal, ingress.IP, p.Port
			if outer.Address == "" {
				outer.Address = ingress.Hostname
			}
			list = append(list, outer)
		}
	}
	return list
}
