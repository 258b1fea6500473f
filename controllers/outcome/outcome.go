package outcome

import (
	"errors"
	"fmt"
	"strings"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// State is what a pass over an object came to. Each state has one set of
// conditions, so that kstatus, Argo CD and `kubectl wait` read them alike.
type State int

const (
	// Ready: what the spec asks for is there.
	Ready State = iota
	// Progressing: everything is sent; the cluster is still working on it, and
	// its next event wakes us.
	Progressing
	// Waiting: something the object refers to is missing; its arrival wakes us.
	Waiting
	// Retrying: a passing failure; tried again with exponential backoff.
	Retrying
	// Stalled: nothing changes until somebody changes the spec, or what it refers to;
	// not tried again before that. Nothing that the API server answers is so final.
	Stalled
	// Blocked: like Stalled to whoever reads it, but no watch tells when the
	// obstacle goes away, so it is tried again at the pace of the backoff.
	Blocked
	// Suspended: held back by spec.suspend. What was judged before still holds.
	Suspended
)

// Outcome is the result of a pass: its state, and why, for a person.
// It is an error too, so that a plan can return it.
type Outcome struct {
	State State
	// Reason is a CamelCase word for the condition.
	Reason string
	// Message names the object and the way out. It must not hold anything that
	// differs from try to try (times, resource versions, UIDs of attempts), or
	// each try would write a new status.
	Message string
}

// Error makes an Outcome usable as the error of a plan.
func (o *Outcome) Error() string { return o.Message }

// Retried says whether the object must be tried again without an event.
func (o *Outcome) Retried() bool { return o.State == Retrying || o.State == Blocked }

// Succeeded is the outcome of an object that is as its spec says.
func Succeeded(format string, args ...any) Outcome {
	return Outcome{State: Ready, Reason: xosv1.ReasonSucceeded, Message: fmt.Sprintf(format, args...)}
}

// InProgress is the outcome of an object whose native object is not ready yet.
func InProgress(format string, args ...any) Outcome {
	return Outcome{State: Progressing, Reason: xosv1.ReasonProgressing, Message: fmt.Sprintf(format, args...)}
}

// WaitFor is the error of a plan that lacks something whose arrival wakes it.
func WaitFor(format string, args ...any) error {
	return &Outcome{State: Waiting, Reason: xosv1.ReasonReferenceNotFound, Message: fmt.Sprintf(format, args...)}
}

// Decoded waits for an object of a kind where it could not be decoded, for those that
// refer to it.
func Decoded(kind string, o xosv1.Object) error {
	if o.GetObjectStatus().Undecodable == "" {
		return nil
	}
	return WaitFor("%s %s can't be decoded: see its conditions", kind, strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/"))
}

// Await is the error of a plan that waits for a change of something that is there, which
// wakes it.
func Await(format string, args ...any) error {
	o := InProgress(format, args...)
	return &o
}

// Refuse is the error of a plan that can't be carried out as it is written.
func Refuse(reason, format string, args ...any) error {
	return &Outcome{State: Stalled, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Retry is the error of a step that met a change on its way, somebody else's or
// one that is still taking effect: the next try finds out how things are then.
func Retry(reason, format string, args ...any) error {
	return &Outcome{State: Retrying, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Obstruct is the error of a step that something outside our sight stands in
// the way of: an object that is not ours, a field that another manager holds.
// Where a watch does tell of its end, and a person has to bring that about, it is
// Refuse.
func Obstruct(reason, format string, args ...any) error {
	return &Outcome{State: Blocked, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// severity orders the states: of several errors the one that most needs a
// person decides the conditions.
var severity = map[State]int{Ready: 0, Progressing: 1, Suspended: 2, Waiting: 3, Retrying: 4, Blocked: 5, Stalled: 6}

// mostMessages is how many errors of a pass are told of: of many alike the first will do.
const mostMessages = 8

// FromErrors makes one outcome of the errors of a pass. Their messages are kept;
// state and reason are those of the worst one. Where that one is not to be tried
// again but another is, both are. Without errors it returns false.
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

// flat takes joined errors apart and leaves out those that are nil.
func flat(errs []error) []error {
	var all []error
	for _, err := range errs {
		// Joined errors with text around them stay one: the text belongs to all.
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

// NotAdmitted is the error of a plan that the trust domain does not allow. It does not
// get well by itself: a person has to change the domain, whose event wakes it.
func NotAdmitted(format string, args ...any) error {
	return &Outcome{State: Stalled, Reason: xosv1.ReasonNotAdmitted, Message: fmt.Sprintf(format, args...)}
}
