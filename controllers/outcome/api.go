package outcome

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// fromAPI returns the outcome of an error of a request. What the server refuses depends on the
// current state, such as a policy or a definition, whose change no watch reports: no refusal is
// final.
func fromAPI(err error) Outcome {
	answer := apistatus.Read(err)
	state := Retrying
	if answer.Refused {
		state = Blocked
	}
	return Outcome{State: state, Reason: answer.Reason, Message: answer.Text}
}

// Conflicts is the error of an apply that conflicts with other field managers. It names each field
// and its manager, and the way out.
func Conflicts(kind, name string, causes []metav1.StatusCause) error {
	return Obstruct(xosv1.ReasonConflict,
		"%s %s has fields that another manager holds (%s): leave them out of the spec, or have that manager give them up",
		kind, name, apistatus.Holders(causes))
}
