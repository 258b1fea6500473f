package status

import (
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Terminating is the outcome of an object that is being deleted: what it waits for.
// finalizers are those of its own that others have to take off, left what it made
// and that is still there.
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

// Recreated is the outcome of an object whose native object somebody has deleted, but
// that is still there. what names that one, held is what holds up its end.
func Recreated(what, held string) outcome.Outcome {
	return outcome.InProgress("%s", observe.Sentence(what+" is being deleted and will be recreated", held, ""))
}
