package engine

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// result is what a pass over an object came to.
type result struct {
	// outcome is the word for the metric.
	outcome string
	// retry asks for another try, after the backoff.
	retry bool
	// err is why, for the log.
	err error
}

// pass is one look at one custom resource: what its children need to know.
type pass struct {
	owner Owner
	kind  schema.GroupVersionKind
	// adopt allows to take over what belongs to nobody.
	adopt bool
	// references says whether children may carry an owner reference at all.
	references bool
	// confirm asks the server whether the custom resource is still this one.
	confirm func(context.Context) (bool, error)
	log     klog.Logger
	// made says that a child was made in this pass.
	made bool
}

// referenced says whether a child carries an owner reference: where the garbage
// collector can follow it, and may delete the child.
func (p *pass) referenced(c child) bool {
	sameNamespace := p.owner.Name.Namespace == "" || p.owner.Name.Namespace == c.name().Namespace
	return p.references && sameNamespace && !c.protected()
}

func (p *pass) wrote(verb, kind string) {
	p.log.V(2).Info("Wrote", "verb", verb, "child", kind)
	CountWrite(p.owner.Kind, kind, verb)
}

func (p *pass) drifted(kind string) { CountDrift(p.owner.Kind, kind) }

// reconcile makes one pass over the object of this name.
func (c *controller[T]) reconcile(ctx context.Context, name cache.ObjectName) result {
	log := klog.FromContext(ctx).WithValues("kind", c.Name(), "object", klog.KRef(name.Namespace, name.Name))
	if err := c.cleanUpEnded(ctx, name); err != nil {
		return result{outcome: "error", retry: true, err: err}
	}
	if c.kind.Enforce != nil {
		if err := c.kind.Enforce(ctx, name); err != nil {
			return result{outcome: "error", retry: true, err: err}
		}
	}
	object, ok := c.kind.Resource.Get(name)
	if !ok {
		c.forget(name)
		return result{outcome: "absent"}
	}
	p := c.newPass(object, log)
	if object.GetDeletionTimestamp() != nil {
		return c.finalize(ctx, object)
	}

	plan := &Plan[T]{}
	planErr := c.kind.Plan(object, plan)
	if errors.Is(planErr, ErrNotRead) {
		return result{outcome: "waiting"}
	}
	lifecycle := object.GetLifecycle()
	switch {
	case !xosv1.IsManaged(object):
		return c.report(ctx, object, plan, c.inventory(ctx, object, plan, p))
	case lifecycle.Suspend:
		return c.report(ctx, object, plan, c.lookOnly(object, plan, p, verdict.Suspended()))
	}
	if c.needsFinalizer(object, plan, p) {
		// The plan's closures keep the version they were made from; nothing
		// that they read has changed.
		finalized, err := c.addFinalizer(ctx, object, nil)
		if err != nil {
			return c.report(ctx, object, plan, judged{errs: []error{err}})
		}
		object = finalized
	}
	if c.kind.External != nil && planErr == nil {
		object, j := c.convergeExternal(ctx, object, plan)
		return c.report(ctx, object, plan, j)
	}
	return c.report(ctx, object, plan, c.materialize(ctx, plan, planErr, p))
}

func (c *controller[T]) newPass(object T, log klog.Logger) *pass {
	lifecycle := object.GetLifecycle()
	return &pass{
		owner:      Owner{Kind: c.Name(), Name: cache.MetaObjectToName(object), UID: object.GetUID()},
		kind:       c.kind.Resource.Kind,
		adopt:      lifecycle.Adopt == xosv1.AdoptIfUnowned,
		references: lifecycle.Adopt != xosv1.AdoptIfUnowned && lifecycle.DeletionPolicy != xosv1.DeletionPolicyOrphan,
		confirm: func(ctx context.Context) (bool, error) {
			current, err := c.kind.Resource.client(object.GetNamespace()).Get(ctx, object.GetName(), metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			if err != nil {
				return false, fmt.Errorf("confirm %s %s: %w", c.Name(), cache.MetaObjectToName(object), err)
			}
			return current.GetUID() == object.GetUID(), nil
		},
		log: log,
	}
}

// judged is what a pass found out, before it is written down.
type judged struct {
	// override is the outcome where the pass was not a full one.
	override *verdict.Outcome
	errs     []error
	// mending says that something was made that was not there.
	mending bool
}

// materialize makes the cluster be as the plan says. A child that fails does
// not hold up the others, and nothing is pruned while the plan is incomplete.
func (c *controller[T]) materialize(ctx context.Context, plan *Plan[T], planErr error, p *pass) judged {
	if planErr != nil {
		for _, child := range plan.children {
			child.look(p.owner, false)
		}
		return judged{errs: []error{planErr}}
	}
	var errs []error
	if plan.pruneFirst {
		left, err := c.prune(ctx, plan, p, metav1.DeletePropagationForeground)
		if left > 0 || err != nil {
			waiting := verdict.InProgress("what is there of another kind is being deleted first")
			return judged{override: &waiting, errs: []error{err}}
		}
	}
	for _, child := range plan.children {
		errs = append(errs, child.converge(ctx, p))
	}
	_, err := c.prune(ctx, plan, p, metav1.DeletePropagationBackground)
	return judged{errs: append(errs, err), mending: p.made}
}

// lookOnly finds out how things are and leaves them so.
func (c *controller[T]) lookOnly(object T, plan *Plan[T], p *pass, outcome verdict.Outcome) judged {
	if c.kind.External != nil && plan.observe == nil {
		plan.observe = c.kind.External.Look(object)
	}
	for _, child := range plan.children {
		child.look(p.owner, !xosv1.IsManaged(object))
	}
	return judged{override: &outcome}
}

// inventory is the pass over an object that is not ours to materialize. What it
// may have made before it was handed back is given up, not deleted.
func (c *controller[T]) inventory(ctx context.Context, object T, plan *Plan[T], p *pass) judged {
	if err := c.releaseAll(ctx, object); err != nil {
		return judged{errs: []error{err}}
	}
	if c.kind.External != nil {
		done, observe := c.kind.External.Dismiss(ctx, object)
		if plan.observe = observe; !done {
			return judged{}
		}
	}
	if c.kind.External == nil && Held(object) {
		// Nothing is left to clean up.
		if err := c.removeFinalizer(ctx, object); err != nil {
			return judged{errs: []error{err}}
		}
	}
	return c.lookOnly(object, plan, p, verdict.Inventoried())
}

// prune deletes what is marked as this owner's and is not wanted any more, and
// counts what of it is still there.
func (c *controller[T]) prune(ctx context.Context, plan *Plan[T], p *pass, propagation metav1.DeletionPropagation) (left int, _ error) {
	type id struct {
		kind string
		name cache.ObjectName
	}
	wanted := make(map[id]bool, len(plan.children))
	for _, child := range plan.children {
		wanted[id{child.kind(), child.name()}] = true
	}
	var errs []error
	for _, owned := range c.kind.Owns {
		for _, b := range owned.ownedBy(p.owner.UID) {
			if wanted[id{b.kind, b.name}] {
				continue
			}
			if (b.adopted || b.protected) && !b.terminating {
				errs = append(errs, b.release(ctx)) // it stays, so there is no end to wait for
				continue
			}
			left++
			if b.terminating {
				continue
			}
			p.wrote("prune", b.kind)
			errs = append(errs, b.delete(ctx, propagation))
		}
	}
	return left, errors.Join(errs...)
}
