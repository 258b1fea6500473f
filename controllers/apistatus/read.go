package apistatus

import (
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Answer is the result of a failed request.
type Answer struct {
	// Reason is the reason of a condition.
	Reason string
	// Refused reports that the server will refuse the request until the object changes or what the
	// refusal depends on, such as a policy. Otherwise the failure is transient.
	Refused bool
	// Text describes the failure to a person.
	Text string
}

// Read reads the error of a request. One that is no answer of the API server, such as a failed
// connection, is transient.
func Read(err error) Answer {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return Answer{Reason: xosv1.ReasonFailed, Text: withoutOwnPort(err.Error())}
	}
	answer := read(status.Status(), nil)
	answer.Text = within(err, answer.Text)
	return answer
}

// Redact returns an error whose text may be shown: the server's answer in it is replaced by that
// of Read. If sent is given, its values are removed from the messages of admission plugins.
// errors.As and errors.Is find the server's answer as before.
func Redact(err error, sent map[string]any) error {
	var status apierrors.APIStatus
	if err == nil || !errors.As(err, &status) {
		return err
	}
	return &shown{text: within(err, read(status.Status(), sent).Text), err: err}
}

// fencedOut is how the manager's fence (deploy/fence.yaml) refuses a write in a namespace that
// has no label by which it is opened.
const fencedOut = "the manager is fenced: no managed TrustDomain has made or adopted namespace "

// FencedOut returns whether the manager's fence refused a write since the namespace is not open to
// it, as far as the API server knows: it may see the namespace's label later than its clients.
func FencedOut(err error) bool {
	var status apierrors.APIStatus
	if err == nil || !errors.As(err, &status) {
		return false
	}
	_, words, denied := denial(status.Status().Message)
	return denied && strings.HasPrefix(words, fencedOut)
}

type shown struct {
	text string
	err  error
}

func (s *shown) Error() string { return s.text }
func (s *shown) Unwrap() error { return s.err }

// within returns the text of an error with that of the server's answer in it replaced.
func within(err error, text string) string {
	var already *shown
	if errors.As(err, &already) {
		return err.Error()
	}
	var status *apierrors.StatusError
	whole := err.Error()
	if !errors.As(err, &status) || status.ErrStatus.Message == "" || !strings.Contains(whole, status.ErrStatus.Message) {
		return text
	}
	return strings.ReplaceAll(whole, status.ErrStatus.Message, text)
}

// read distinguishes the answers. The code alone does not suffice: a policy's denial may have any,
// and an apply of a malformed object is answered with an internal error.
func read(status metav1.Status, sent map[string]any) Answer {
	r := reading{status, sent}
	if what, words, denied := denial(status.Message); denied {
		return Answer{xosv1.ReasonForbidden, true, r.denied(what, words)}
	}
	if text, ok := r.unread(); ok {
		return Answer{xosv1.ReasonInvalid, true, text}
	}
	switch {
	case r.has(corev1.NamespaceTerminatingCause):
		return Answer{xosv1.ReasonTerminating, false, r.words()}
	case r.has(metav1.CauseTypeFieldManagerConflict):
		return Answer{xosv1.ReasonConflict, true, "another manager holds fields (" + Holders(status.Details.Causes) + "): " + leaveOut}
	case r.takenName():
		return Answer{xosv1.ReasonConflict, false, r.subject("") + "another object has its name by now: trying again"}
	}
	switch err := (&apierrors.StatusError{ErrStatus: status}); {
	case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
		return Answer{xosv1.ReasonForbidden, true, r.forbidden()}
	case apierrors.IsNotFound(err):
		return Answer{xosv1.ReasonFailed, false, r.notFound()}
	case apierrors.IsMethodNotSupported(err), apierrors.IsNotAcceptable(err), apierrors.IsUnsupportedMediaType(err):
		return Answer{xosv1.ReasonInvalid, true, "the server has no such request for this kind: it can't be applied"}
	case apierrors.IsRequestEntityTooLargeError(err):
		return Answer{xosv1.ReasonInvalid, true, tooLarge}
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		return Answer{xosv1.ReasonConflict, false, r.conflict()}
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return Answer{xosv1.ReasonInvalid, true, r.invalid()}
	}
	return Answer{xosv1.ReasonFailed, false, r.failed()}
}

// reading is an answer that is being read, and the object that was sent, if that is known.
type reading struct {
	metav1.Status
	sent map[string]any
}

func (r reading) causes() []metav1.StatusCause {
	if r.Details == nil {
		return nil
	}
	return r.Details.Causes
}

func (r reading) has(kind metav1.CauseType) bool {
	for _, c := range r.causes() {
		if c.Type == kind {
			return true
		}
	}
	return false
}

// takenName returns whether an apply with a UID has met another object.
func (r reading) takenName() bool {
	for _, c := range r.causes() {
		if c.Field != "metadata.uid" {
			return false
		}
	}
	return len(r.causes()) > 0
}

// isSecret returns whether the answer is about a Secret, as far as that is known.
func (r reading) isSecret() bool {
	kind, _ := r.sent["kind"].(string)
	if kind == "" && r.Details != nil {
		kind = r.Details.Kind
	}
	return kind == "Secret" || kind == "secrets"
}
