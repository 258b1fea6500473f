package status

import (
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Terminating is the outcome of an object that is being deleted. finalizers are those on it that
// other clients must remove, left what it owns and still exists.
func Terminating(finalizers, left []string) outcome.Outcome {
	var parts []string
	if len(left) > 0 {
		parts = append(parts, "waits for the end of "+strings.Join(left, "; "))
	}
	if len(finalizers) > 0 {
		parts = append(parts, observe.HeldByFinalizers(finalizers))
	}
	return outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonTerminating, Message: "being deleted: " + strings.Join(parts, "; ")}
}

// Recreated is the outcome of an object whose native object another client has deleted and that
// still exists. what names that object, held what blocks its deletion.
func Recreated(what, held string) outcome.Outcome {
	return outcome.InProgress("%s", observe.Sentence(what+" is being deleted and will be recreated", held, ""))
}
