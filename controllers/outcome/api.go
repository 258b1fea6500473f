package outcome

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// fromAPI is the state that an answer of the API server, or the lack of one, leads to.
// What is refused is refused by the world as it is, a policy or a definition, whose
// change no watch tells: nothing that the server says is final.
func fromAPI(err error) Outcome {
	answer := apistatus.Read(err)
	state := Retrying
	if answer.Refused {
		state = Blocked
	}
	return Outcome{State: state, Reason: answer.Reason, Message: answer.Text}
}

// Conflicts is the error of an apply that met fields of other managers. It
// names each field and who holds it, and the way out.
func Conflicts(kind, name string, causes []metav1.StatusCause) error {
	return Obstruct(xosv1.ReasonConflict,
		"%s %s has fields that another manager holds (%s): leave them out of the spec, or have that manager give them up",
		kind, name, apistatus.Holders(causes))
}
