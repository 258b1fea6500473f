package reconciler

import (
	"context"
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// report writes what a pass observed: one status patch, only if it changes something, and then an
// Event if a person must know.
func (c *controller[T]) report(ctx context.Context, object T, plan *Plan[T], j findings) result {
	after := object.DeepCopyObject().(T)
	reached := c.outcomeOf(after, plan, j)
	status.SetConditions(after.GetObjectStatus(), reached, object.GetGeneration(), metav1.NewTime(c.opts.Clock.Now()))

	res := result{outcome: outcomeWord(reached), retry: reached.Retried()}
	if res.retry {
		res.err = errors.New(reached.Message)
	}
	if !xosv1.IsManaged(object) && c.kind.PullKeepsInventory {
		return res
	}
	if equality.Semantic.DeepEqual(object, after) {
		if !underway(reached) {
			c.forgetPending(cache.MetaObjectToName(object)) // the status is up to date
		}
		return res
	}
	if wait := c.canWait(object, reached, j.recreated); wait > 0 {
		c.queue.AddAfter(cache.MetaObjectToName(object), wait)
		return res
	}
	if err := c.patchStatus(ctx, object, after); err != nil {
		return result{outcome: "error", retry: true, err: err}
	}
	c.recordEvent(object, after, reached)
	return res
}

// outcomeOf returns the outcome of a pass: that of its errors, else the override of an incomplete
// pass, else that of the plan. The plan's ComputeStatus sets the status fields in any case.
func (c *controller[T]) outcomeOf(into T, plan *Plan[T], j findings) outcome.Outcome {
	reached := outcome.Succeeded("as specified")
	if plan.computeStatus != nil {
		reached = plan.computeStatus(into)
	}
	for _, child := range plan.children {
		if kept := child.keptFields(); kept != "" {
			reached.Message += "; " + kept
		}
	}
	if failed, ok := outcome.FromErrors(j.errs...); ok {
		return failed
	}
	if j.override != nil {
		return *j.override
	}
	return reached
}

// patchStatus sends the difference of two statuses. It ignores that the object is deleted.
func (c *controller[T]) patchStatus(ctx context.Context, before, after T) error {
	_, err := c.objects.PatchStatus(ctx, before, after)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// recordEvent records an Event for a new failure: one with another reason or message than before.
// Success is reported by the status alone.
func (c *controller[T]) recordEvent(before, after T, reached outcome.Outcome) {
	if c.opts.Recorder == nil || reached.State == outcome.Ready || reached.State == outcome.Progressing {
		return
	}
	condition := xosv1.ConditionReady
	if reached.State == outcome.Suspended {
		condition = xosv1.ConditionSuspended
	}
	was := meta.FindStatusCondition(before.GetObjectStatus().Conditions, condition)
	if was != nil && was.Reason == reached.Reason && was.Message == reached.Message {
		return
	}
	kind := corev1.EventTypeWarning
	if reached.State == outcome.Waiting || reached.State == outcome.Suspended {
		kind = corev1.EventTypeNormal
	}
	const longest = 1024 // the API's bound on an Event's note
	note := reached.Message
	if len(note) > longest {
		note = strings.ToValidUTF8(note[:longest], "") // no half character at the end
	}
	c.opts.Recorder.Eventf(c.withKind(after), nil, kind, reached.Reason, "Reconcile", "%s", note)
}

// withKind sets the kind of an object from a typed client, which an Event needs to name it.
func (c *controller[T]) withKind(o T) T {
	o.GetObjectKind().SetGroupVersionKind(c.kind.Resource.Kind)
	return o
}
