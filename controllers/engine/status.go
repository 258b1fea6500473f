package engine

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
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// report writes down what a pass found out: one status patch, only where it
// says something new, and then an Event where a person must know.
func (c *controller[T]) report(ctx context.Context, object T, plan *Plan[T], j judged) result {
	after := object.DeepCopyObject().(T)
	outcome := c.judge(after, plan, j)
	verdict.Settle(after.GetObjectStatus(), outcome, object.GetGeneration(), metav1.NewTime(c.opts.Clock.Now()))

	res := result{outcome: outcomeWord(outcome), retry: outcome.Retried()}
	if res.retry {
		res.err = errors.New(outcome.Message)
	}
	if !xosv1.IsManaged(object) && c.kind.PullKeepsInventory {
		return res
	}
	if equality.Semantic.DeepEqual(object, after) {
		if !underway(outcome) {
			c.forget(cache.MetaObjectToName(object)) // the status says all there is to say
		}
		return res
	}
	if wait := c.canWait(object, outcome, j.mending); wait > 0 {
		c.queue.AddAfter(cache.MetaObjectToName(object), wait)
		return res
	}
	if err := c.patchStatus(ctx, object, after); err != nil {
		return result{outcome: "error", retry: true, err: err}
	}
	c.tell(object, after, outcome)
	return res
}

// judge comes to the outcome of a pass: that of its errors, that which stands
// in for an incomplete pass, or the plan's own, in this order. The plan's
// judgement fills in the status fields in any case.
func (c *controller[T]) judge(into T, plan *Plan[T], j judged) verdict.Outcome {
	outcome := verdict.Succeeded("as specified")
	if plan.observe != nil {
		outcome = plan.observe(into)
	}
	for _, child := range plan.children {
		if told := child.kept(); told != "" {
			outcome.Message += "; " + told
		}
	}
	if failed, ok := verdict.FromErrors(j.errs...); ok {
		return failed
	}
	if j.override != nil {
		return *j.override
	}
	return outcome
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

// tell records an Event for a failure that is new: another reason or another
// message than before. A success is told by the status alone.
func (c *controller[T]) tell(before, after T, outcome verdict.Outcome) {
	if c.opts.Recorder == nil || outcome.State == verdict.Ready || outcome.State == verdict.Progressing {
		return
	}
	condition := xosv1.ConditionReady
	if outcome.State == verdict.Suspended {
		condition = xosv1.ConditionSuspended
	}
	was := meta.FindStatusCondition(before.GetObjectStatus().Conditions, condition)
	if was != nil && was.Reason == outcome.Reason && was.Message == outcome.Message {
		return
	}
	kind := corev1.EventTypeWarning
	if outcome.State == verdict.Waiting || outcome.State == verdict.Suspended {
		kind = corev1.EventTypeNormal
	}
	const longest = 1024 // the API's bound on an Event's note
	note := outcome.Message
	if len(note) > longest {
		note = strings.ToValidUTF8(note[:longest], "") // no half character at the end
	}
	c.opts.Recorder.Eventf(c.withKind(after), nil, kind, outcome.Reason, "Reconcile", "%s", note)
}

// withKind gives an object out of a typed client its kind back, which an Event
// needs to name it.
func (c *controller[T]) withKind(o T) T {
	o.GetObjectKind().SetGroupVersionKind(c.kind.Resource.Kind)
	return o
}
