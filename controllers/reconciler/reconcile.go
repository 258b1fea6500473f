package reconciler

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
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
	owner ownership.Owner
	kind  schema.GroupVersionKind
	// adopt allows to take over what belongs to nobody, as far as the trust domain
	// or the object itself consents.
	adopt    bool
	adoption xosv1.DomainAdoption
	// mayRepair paces the repairs of a child, and mayCreate its creations after the
	// first; contested returns whether they are paced at the moment.
	mayRepair func(c child, content string, rivals func() string) error
	mayCreate func(c child, content string) error
	contested func(c child) error
	// references says whether children may carry an owner reference at all.
	references bool
	// confirm asks the server whether the custom resource is still this one.
	confirm func(context.Context) (bool, error)
	log     klog.Logger
	// created says that a child was made in this pass.
	created bool
}

// referenced says whether a child carries an owner reference: where the garbage
// collector can follow it, and may delete the child.
func (p *pass) referenced(c child) bool {
	sameNamespace := p.owner.Name.Namespace == "" || p.owner.Name.Namespace == c.name().Namespace
	return p.references && sameNamespace && !c.protected()
}

func (p *pass) wrote(verb, kind string) {
	p.log.V(2).Info("Wrote", "verb", verb, "child", kind)
	store.CountWrite(p.owner.Kind, kind, verb)
}

func (p *pass) drifted(kind string) { store.CountDrift(p.owner.Kind, kind) }

// reconcile makes one pass over the object of this name.
func (c *controller[T]) reconcile(ctx context.Context, name cache.ObjectName) result {
	log := klog.FromContext(ctx).WithValues("kind", c.Name(), "object", klog.KRef(name.Namespace, name.Name))
	endErr := c.cleanUpDeleted(ctx, name)
	if c.kind.Enforce != nil {
		endErr = errors.Join(endErr, c.kind.Enforce(ctx, name))
	}
	res := c.reconcileLiving(ctx, name, log)
	if endErr != nil && !res.retry {
		res.retry, res.err = true, endErr // a successor has its own pass and status all the same
	}
	return res
}

// reconcileSafely is reconcile for an object that may make it panic: that is the
// object's own failure, which its status reports.
func (c *controller[T]) reconcileSafely(ctx context.Context, name cache.ObjectName) (res result) {
	defer func() {
		if thrown := recover(); thrown != nil {
			store.LogPanic(c.Name(), name, thrown)
			res = c.reportPanic(ctx, name, panicError{thrown})
		}
	}()
	return c.reconcile(ctx, name)
}

func (c *controller[T]) reportPanic(ctx context.Context, name cache.ObjectName, err error) (res result) {
	res = result{outcome: "panicked", retry: true, err: err}
	defer store.RecoverPanic(c.Name(), name)
	if object, ok := c.kind.Resource.Get(name); ok {
		c.report(ctx, object, &Plan[T]{}, findings{errs: []error{outcome.Obstruct(xosv1.ReasonInternalError, "%v", err)}})
	}
	return res
}

// reconcileLiving makes the pass over the object that has the name now.
func (c *controller[T]) reconcileLiving(ctx context.Context, name cache.ObjectName, log klog.Logger) result {
	object, ok := c.kind.Resource.Resource.Get(name) // also one that can't be decoded
	if !ok {
		c.forgetPending(name)
		return result{outcome: "absent"}
	}
	p := c.newPass(object, log)
	if object.GetDeletionTimestamp() != nil {
		return c.finalize(ctx, object)
	}
	if err := store.Undecodable(object); err != nil {
		return c.report(ctx, object, &Plan[T]{}, findings{errs: []error{err}})
	}

	if c.orphansByPolicy(object) && xosv1.IsManaged(object) {
		finalized, err := c.addFinalizer(ctx, object, nil)
		if err != nil {
			return c.report(ctx, object, &Plan[T]{}, findings{errs: []error{err}})
		}
		object = finalized
	}
	plan := &Plan[T]{}
	planErr := c.kind.Plan(object, plan)
	if errors.Is(planErr, store.ErrNotRead) {
		return result{outcome: "waiting"}
	}
	if c.kind.Custom != nil && planErr != nil {
		c.kind.Custom.StopWatching(object)
	}
	lifecycle := object.GetLifecycle()
	switch {
	case !xosv1.IsManaged(object):
		return c.report(ctx, object, plan, c.inventory(ctx, object, plan, p))
	case lifecycle.Suspend:
		return c.report(ctx, object, plan, c.observeOnly(object, plan, p, status.Suspend()))
	}
	if c.needsFinalizer(object, plan, p) {
		// The plan's closures keep the version they were made from; nothing
		// that they read has changed.
		finalized, err := c.addFinalizer(ctx, object, nil)
		if err != nil {
			return c.report(ctx, object, plan, findings{errs: []error{err}})
		}
		object = finalized
	}
	if c.kind.Custom != nil && planErr == nil {
		object, j := c.reconcileCustom(ctx, object, plan)
		return c.report(ctx, object, plan, j)
	}
	return c.report(ctx, object, plan, c.materialize(ctx, object, plan, planErr, p))
}

func (c *controller[T]) newPass(object T, log klog.Logger) *pass {
	lifecycle := object.GetLifecycle()
	return &pass{
		owner:    ownership.Owner{Kind: c.Name(), Name: cache.MetaObjectToName(object), UID: object.GetUID()},
		kind:     c.kind.Resource.Kind,
		adopt:    lifecycle.Adopt == xosv1.AdoptIfUnowned,
		adoption: c.adoption(object),
		mayRepair: func(child child, content string, rivals func() string) error {
			return c.repairs.MayRepair(contestedBy(object, child), content, rivals)
		},
		mayCreate: func(child child, content string) error {
			lost := object.GetObjectStatus().BackendHandle == child.path()
			return c.repairs.MayCreate(contestedBy(object, child), content, lost)
		},
		contested:  func(child child) error { return c.repairs.Over(contestedBy(object, child)) },
		references: lifecycle.Adopt != xosv1.AdoptIfUnowned && lifecycle.DeletionPolicy != xosv1.DeletionPolicyOrphan,
		confirm: func(ctx context.Context) (bool, error) {
			current, err := c.objects.Read(ctx, cache.MetaObjectToName(object))
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

// findings is what a pass found out, before it is written down.
type findings struct {
	// override is the outcome where the pass was not a full one.
	override *outcome.Outcome
	errs     []error
	// recreated says that something was made that was not there.
	recreated bool
}

// materialize makes the cluster be as the plan says. A child that fails does
// not hold up the others, and nothing is pruned while the plan is incomplete.
func (c *controller[T]) materialize(ctx context.Context, object T, plan *Plan[T], planErr error, p *pass) findings {
	if planErr != nil {
		for _, child := range plan.children {
			child.observe(p.owner, false)
		}
		return findings{errs: []error{planErr}}
	}
	var errs []error
	if plan.pruneFirst {
		left, err := c.prune(ctx, object, plan, p, metav1.DeletePropagationForeground)
		if len(left) > 0 || err != nil {
			waiting := outcome.InProgress("being deleted first: %s", strings.Join(describe(left), "; "))
			return findings{override: &waiting, errs: []error{err}}
		}
	}
	for child := range plan.wanted {
		errs = append(errs, child.converge(ctx, p))
	}
	_, err := c.prune(ctx, object, plan, p, metav1.DeletePropagationBackground)
	return findings{errs: append(errs, err), recreated: p.created}
}

// observeOnly finds out how things are and leaves them so.
func (c *controller[T]) observeOnly(object T, plan *Plan[T], p *pass, reached outcome.Outcome) findings {
	if c.kind.Custom != nil && plan.computeStatus == nil {
		plan.computeStatus = c.kind.Custom.Observe(object)
	}
	for _, child := range plan.children {
		child.observe(p.owner, !xosv1.IsManaged(object))
	}
	return findings{override: &reached}
}

// inventory is the pass over an object that is not ours to materialize. What it
// may have made before it was handed back is given up, not deleted.
func (c *controller[T]) inventory(ctx context.Context, object T, plan *Plan[T], p *pass) findings {
	if err := c.releaseAll(ctx, object); err != nil {
		return findings{errs: []error{err}}
	}
	if c.kind.Custom != nil {
		done, observe := c.kind.Custom.Finalize(ctx, object)
		if plan.computeStatus = observe; !done {
			return findings{}
		}
	}
	if c.kind.Custom == nil && Held(object) {
		// Nothing is left to clean up.
		if err := c.removeFinalizer(ctx, object); err != nil {
			return findings{errs: []error{err}}
		}
	}
	return c.observeOnly(object, plan, p, status.Inventoried(ownership.AppliedByOthers(object)))
}

// prune deletes what belongs to this owner and is not wanted any more, and returns
// what of it is still there, as far as the status records it.
func (c *controller[T]) prune(ctx context.Context, object T, plan *Plan[T], p *pass, propagation metav1.DeletionPropagation) (left []store.OwnedObject, _ error) {
	type id struct {
		kind schema.GroupKind
		name cache.ObjectName
	}
	wanted := make(map[id]bool, len(plan.children))
	for child := range plan.wanted {
		wanted[id{child.groupKind(), child.name()}] = true
	}
	var errs []error
	for _, owned := range c.kind.Owns {
		for _, b := range c.owned(object, owned) {
			if wanted[id{b.Kind, b.Name}] {
				continue
			}
			if (b.Protected || c.staysAdopted(object, b)) && !b.Terminating {
				errs = append(errs, b.Release(ctx)) // it stays, so there is no end to wait for
				continue
			}
			if c.recorded(object, b) {
				left = append(left, b)
			}
			if b.Terminating {
				continue
			}
			p.wrote("prune", b.Kind.Kind)
			errs = append(errs, b.Delete(ctx, propagation))
		}
	}
	if len(left) > 0 {
		c.queue.AddAfter(p.owner.Name, store.AcceptedDeletionTTL) // a deletion without effect is sent again
	}
	return left, errors.Join(errs...)
}
