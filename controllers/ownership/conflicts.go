package ownership

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// Conflicts returns the fields over which an apply was refused, and those of them that
// another applier declares as its own. The others were edited by hand, and are taken
// back.
func Conflicts(err error) (all, declared []metav1.StatusCause) {
	all = fieldConflicts(err)
	return all, declaredElsewhere(all)
}

// fieldConflicts lists the fields over which an apply was refused.
func fieldConflicts(err error) []metav1.StatusCause {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return nil
	}
	var causes []metav1.StatusCause
	for _, c := range status.ErrStatus.Details.Causes {
		if c.Type == metav1.CauseTypeFieldManagerConflict {
			causes = append(causes, c)
		}
	}
	return causes
}

// declaredElsewhere keeps the conflicts with other appliers. The server
// distinguishes them in the cause's text alone: `conflict with "flux"` is an applier,
// `conflict with "kubectl-edit" using v1` a client that updated the object.
func declaredElsewhere(causes []metav1.StatusCause) []metav1.StatusCause {
	var declared []metav1.StatusCause
	for _, c := range causes {
		if !strings.Contains(c.Message, `" using `) {
			declared = append(declared, c)
		}
	}
	return declared
}

// OfClientSide returns whether a conflict is with an update of a client-side applier.
func OfClientSide(cause metav1.StatusCause) bool {
	_, rest, _ := strings.Cut(cause.Message, `"`)
	manager, how, _ := strings.Cut(rest, `"`)
	return strings.HasPrefix(how, " using ") && managedfields.IsClientSide(manager)
}
