package verdict

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// fromAPI sorts an answer of the API server, or the lack of one, into a state.
// Whoever reads the condition sees the server's own words.
func fromAPI(err error) Outcome {
	message := stable(err)
	switch {
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		return Outcome{State: Stalled, Reason: xosv1.ReasonInvalid, Message: message}
	case apierrors.HasStatusCause(err, "NamespaceTerminating"):
		return Outcome{State: Retrying, Reason: xosv1.ReasonTerminating, Message: message}
	case apierrors.IsForbidden(err) && strings.Contains(message, escalation):
		return Outcome{State: Blocked, Reason: xosv1.ReasonForbidden, Message: unbindable(message)}
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return Outcome{State: Blocked, Reason: xosv1.ReasonForbidden, Message: message}
	case apierrors.IsConflict(err):
		return Outcome{State: Retrying, Reason: xosv1.ReasonConflict, Message: message}
	}
	return Outcome{State: Retrying, Reason: xosv1.ReasonFailed, Message: message}
}

// escalation is how the API server refuses to bind a role that the one who asks
// has not itself. It has no reason of its own to tell it by, and goes on with
// every right of the role.
const escalation = " is attempting to grant RBAC permissions not currently held"

// unbindable is a refusal to bind a role without the list of its rights, and with
// the way out.
func unbindable(message string) string {
	what, _, _ := strings.Cut(message, escalation)
	what, _, _ = strings.Cut(what, ": user ")
	return what + ": the manager may not bind this role. Have an administrator give it the verb bind on the ClusterRole (docs/security.md), " +
		"or take the role out of spec.roles and out of the TrustDomain's spec.allowedRoles"
}

// stable is the error's text without what changes from try to try: a conflict
// names no resource version, and an answer of the server is told in its message
// alone.
func stable(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return err.Error()
	}
	// Dial errors carry the port of our own side, which differs at each try.
	text := err.Error()
	if i := strings.Index(text, "->"); i >= 0 {
		if j := strings.LastIndex(text[:i], " "); j >= 0 {
			text = text[:j+1] + text[i+2:]
		}
	}
	return text
}

// Conflicts is the error of an apply that met fields of other managers. It
// names each field and who holds it, and the way out.
func Conflicts(kind, name string, causes []metav1.StatusCause) error {
	held := make([]string, 0, len(causes))
	for _, c := range causes {
		held = append(held, fmt.Sprintf("%s: %s", c.Field, c.Message))
	}
	return Obstruct(xosv1.ReasonConflict,
		"%s %s has fields that another manager holds (%s): leave them out of the spec, or have that manager give them up",
		kind, name, strings.Join(held, "; "))
}
