package status

import (
	"cmp"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Suspend is the outcome of an object with spec.suspend.
func Suspend() outcome.Outcome {
	return outcome.Outcome{State: outcome.Suspended, Reason: xosv1.ReasonSuspended, Message: "suspended: nothing is changed until spec.suspend is false"}
}

// Inventoried is the outcome of an object that records another client's object. by is who created
// that, where it is known; applied reports that a manifest was applied to the record, which would
// otherwise be ignored silently.
func Inventoried(by string, applied bool) outcome.Outcome {
	message := "inventoried: created and managed by " + cmp.Or(by, "another client")
	if applied {
		message += "; the spec that was applied to this record has no effect while spec.xosManaged is false: " +
			"write xosManaged: true into the manifest to have it take over what is recorded here"
	}
	return outcome.Outcome{State: outcome.Ready, Reason: xosv1.ReasonInventoried, Message: message}
}
