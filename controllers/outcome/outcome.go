package outcome

import (
	"errors"
	"fmt"
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// State is the result of a pass over an object. Each state has one set of conditions, so that
// kstatus, Argo CD and `kubectl wait` read them alike.
type State int

const (
	// Ready: what the spec asks for exists.
	Ready State = iota
	// Progressing: everything is applied; the cluster still works on it, and its next event
	// enqueues the object.
	Progressing
	// Waiting: something that the object refers to is missing; its creation enqueues the object.
	Waiting
	// Retrying: a transient failure; retried with exponential backoff.
	Retrying
	// Stalled: nothing changes until a person changes the spec, or what it refers to; not retried
	// before. No answer of the API server is so final.
	Stalled
	// Blocked: has the conditions of Stalled, but no watch reports when the obstacle is removed,
	// so it is retried with the backoff.
	Blocked
	// Suspended: not reconciled because of spec.suspend. The last status remains.
	Suspended
)

// Outcome is the result of a pass: its state, and the reason for a person. It is an error too, so
// that a plan can return it.
type Outcome struct {
	State State
	// Reason is the CamelCase reason of the condition.
	Reason string
	// Message names the object and the way out. It must not hold anything that differs between
	// attempts (times, resource versions, UIDs), or each attempt would write a new status.
	Message string
}

// Error implements error.
func (o *Outcome) Error() string { return o.Message }

// Retried returns whether the object must be retried without an event.
func (o *Outcome) Retried() bool { return o.State == Retrying || o.State == Blocked }

// Succeeded is the outcome of an object that is as its spec says.
func Succeeded(format string, args ...any) Outcome {
	return Outcome{State: Ready, Reason: xosv1.ReasonSucceeded, Message: fmt.Sprintf(format, args...)}
}

// InProgress is the outcome of an object whose native object is not ready yet.
func InProgress(format string, args ...any) Outcome {
	return Outcome{State: Progressing, Reason: xosv1.ReasonProgressing, Message: fmt.Sprintf(format, args...)}
}

// WaitFor is the error of a plan that lacks an object, whose creation enqueues this one.
func WaitFor(format string, args ...any) error {
	return &Outcome{State: Waiting, Reason: xosv1.ReasonReferenceNotFound, Message: fmt.Sprintf(format, args...)}
}

// Decoded returns an error if an object of a kind could not be decoded, for those that refer to
// it.
func Decoded(kind string, o xosv1.Object) error {
	if o.GetObjectStatus().Undecodable == "" {
		return nil
	}
	return WaitFor("%s %s can't be decoded: see its conditions", kind, strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/"))
}

// Await is the error of a plan that waits for a change of an existing object, which enqueues this
// one.
func Await(format string, args ...any) error {
	o := InProgress(format, args...)
	return &o
}

// Refuse is the error of a plan that can't be carried out as the spec is written.
func Refuse(reason, format string, args ...any) error {
	return &Outcome{State: Stalled, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Retry is the error of a step that met a concurrent change, of another client or still taking
// effect: the next attempt reads the new state.
func Retry(reason, format string, args ...any) error {
	return &Outcome{State: Retrying, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Obstruct is the error of a step that something blocks which is not watched: another client's
// object, or a field of another manager. If a watch reports its removal, and a person has to
// remove it, the error is Refuse.
func Obstruct(reason, format string, args ...any) error {
	return &Outcome{State: Blocked, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// severity orders the states: of several errors the one that most needs a person determines the
// conditions.
var severity = map[State]int{Ready: 0, Progressing: 1, Suspended: 2, Waiting: 3, Retrying: 4, Blocked: 5, Stalled: 6}

// mostMessages is the maximum number of errors in a message.
const mostMessages = 8

// FromErrors returns one outcome for the errors of a pass. It joins their messages; state and
// reason are those of the most severe one. If that one is not retried but another is, both are.
// Without errors it returns false.
func FromErrors(errs ...error) (Outcome, bool) {
	var worst Outcome
	var messages []string
	retried := false
	for _, err := range flat(errs) {
		o := fromError(err)
		if messages = append(messages, o.Message); len(messages) == 1 || severity[o.State] > severity[worst.State] {
			worst = o
		}
		retried = retried || o.Retried()
	}
	if more := len(messages) - mostMessages; more > 0 {
		messages = append(messages[:mostMessages], fmt.Sprintf("and %d more", more))
	}
	worst.Message = strings.Join(messages, "; ")
	if worst.State == Stalled && retried {
		worst.State = Blocked
	}
	return worst, len(messages) > 0
}

// flat returns the parts of joined errors and leaves out nil.
func flat(errs []error) []error {
	var all []error
	for _, err := range errs {
		// Joined errors with text around them are one error: the text belongs to all.
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, flat(joined.Unwrap())...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	return all
}

func fromError(err error) Outcome {
	var o *Outcome
	if errors.As(err, &o) {
		out := *o
		out.Message = err.Error()
		return out
	}
	return fromAPI(err)
}

// NotAdmitted is the error of a plan that the trust domain does not allow. It is not retried: a
// person has to change the domain, whose event enqueues the object.
func NotAdmitted(format string, args ...any) error {
	return &Outcome{State: Stalled, Reason: xosv1.ReasonNotAdmitted, Message: fmt.Sprintf(format, args...)}
}
