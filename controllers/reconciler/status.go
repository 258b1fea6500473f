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

// report writes down what a pass found out: one status patch, only where it
// says something new, and then an Event where a person must know.
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
			c.forgetPending(cache.MetaObjectToName(object)) // the status says all there is to say
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

// outcomeOf comes to the outcome of a pass: that of its errors, that which stands
// in for an incomplete pass, or the plan's own, in this order. The plan's
// judgement fills in the status fields in any case.
func (c *controller[T]) outcomeOf(into T, plan *Plan[T], j findings) outcome.Outcome {
	reached := outcome.Succeeded("as specified")
	if plan.computeStatus != nil {
		reached = plan.computeStatus(into)
	}
	for _, child := range plan.children {
		if told := child.keptFields(); told != "" {
			reached.Message += "; " + told
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

// patchStatus sends the difference of two statuses. Of an object that has ended there is
// none left to patch.
func (c *controller[T]) patchStatus(ctx context.Context, before, after T) error {
	_, err := c.objects.PatchStatus(ctx, before, after)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// recordEvent records an Event for a failure that is new: another reason or another
// message than before. A success is told by the status alone.
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

// withKind gives an object out of a typed client its kind back, which an Event
// needs to name it.
func (c *controller[T]) withKind(o T) T {
	o.GetObjectKind().SetGroupVersionKind(c.kind.Resource.Kind)
	return o
}
