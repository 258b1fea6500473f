package status

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Suspend is the outcome of an object that spec.suspend holds back.
func Suspend() outcome.Outcome {
	return outcome.Outcome{State: outcome.Suspended, Reason: xosv1.ReasonSuspended, Message: "suspended: nothing is changed until spec.suspend is false"}
}

// Inventoried is the outcome of an object that mirrors what somebody else made. applied
// says that a manifest was applied over it, which would go unheeded otherwise.
func Inventoried(applied bool) outcome.Outcome {
	message := "inventoried: created and managed by another client"
	if applied {
		message += "; the spec that was applied to this record has no effect while spec.xosManaged is false: " +
			"write xosManaged: true into the manifest to have it take over what is recorded here"
	}
	return outcome.Outcome{State: outcome.Ready, Reason: xosv1.ReasonInventoried, Message: message}
}
