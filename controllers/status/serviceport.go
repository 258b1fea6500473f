package status

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// ServicePort computes the status of a port from the endpoints of its service, nil if there is
// none. leads reports that a slice names that service: without one there is nothing to expose, which
// is a valid state. number is the port of the native Service that it asks for.
func ServicePort(into *xosv1.ServicePort, service *xosv1.Service, leads bool, number int32) outcome.Outcome {
	into.Status.NodePort = 0
	if service == nil {
		return outcome.InProgress("its service does not exist")
	}
	if !ptr.Deref(service.Spec.Enabled, true) {
		return outcome.Outcome{State: outcome.Ready, Reason: xosv1.ReasonSuspended, Message: "Service " + service.Name + " is disabled: it is not exposed until that one's spec.enabled is true"}
	}
	if !leads {
		return outcome.Succeeded("no Slice names Service %s: it is exposed once one does", service.Name)
	}
	exposed, outside, protocol := false, false, cmp.Or(into.Spec.Protocol, corev1.ProtocolTCP)
	for _, e := range service.Status.Endpoints {
		if e.Name != into.Name {
			continue
		}
		if e.NodePort != 0 {
			into.Status.NodePort = e.NodePort
		}
		// One that has just been changed may still be exposed as it was.
		asWanted := e.Port == number && e.Protocol == protocol
		exposed = exposed || (e.Scope == xosv1.EndpointScopeCluster && asWanted)
		outside = outside || (e.Scope == xosv1.EndpointScopeExternal && asWanted)
	}
	if !exposed {
		return outcome.InProgress("Service %s does not expose it yet: see that object's conditions", service.Name)
	}
	if into.Spec.Exposure == xosv1.ExposureLoadBalancer && !outside {
		return outcome.InProgress("it waits for the address of its load balancer, as Service %s does", service.Name)
	}
	return outcome.Succeeded("exposed by Service %s", service.Name)
}
