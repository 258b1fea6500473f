package verdict

import (
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ServicePort judges a port by what its service, nil where there is none, says
// of where it can be reached.
func ServicePort(into *xosv1.ServicePort, service *xosv1.Service) Outcome {
	into.Status.NodePort = 0
	if service == nil {
		return InProgress("its service does not exist")
	}
	if !ptr.Deref(service.Spec.Enabled, true) {
		return Outcome{State: Idle, Reason: xosv1.ReasonSuspended, Message: "Service " + service.Name + " is disabled: it is not exposed until that one's spec.enabled is true"}
	}
	exposed := false
	for _, e := range service.Status.Endpoints {
		if e.Name != into.Name {
			continue
		}
		exposed = true
		if e.NodePort != 0 {
			into.Status.NodePort = e.NodePort
		}
	}
	if !exposed {
		return InProgress("Service %s does not expose it yet: see that object's conditions", service.Name)
	}
	return Succeeded("exposed by Service %s", service.Name)
}
