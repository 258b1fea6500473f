package verdict

import (
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Terminating is the outcome of an object that is being deleted: what it waits for.
// finalizers are those of its own that others have to take off, left what it made
// and that is still there.
func Terminating(finalizers, left []string) Outcome {
	var parts []string
	if len(left) > 0 {
		parts = append(parts, "waits for the end of "+strings.Join(left, "; "))
	}
	if len(finalizers) > 0 {
		parts = append(parts, heldByFinalizers(finalizers))
	}
	return Outcome{State: Progressing, Reason: xosv1.ReasonTerminating, Message: "being deleted: " + strings.Join(parts, "; ")}
}

// Remade is the outcome of an object whose native object somebody has deleted, but
// that is still there. what names that one, held is what holds up its end.
func Remade(what, held string) Outcome {
	return InProgress("%s", sentence(what+" is being deleted and will be made again", held, ""))
}
