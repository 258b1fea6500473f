package reconciler

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// result is the result of a pass over an object.
type result struct {
	// outcome is the word for the metric.
	outcome string
	// retry requests another pass, after the backoff.
	retry bool
	// err is why, for the log.
	err error
}

// pass is one pass over one custom resource: what its children need to know.
type pass struct {
	owner ownership.Owner
	kind  schema.GroupVersionKind
	// adopt allows children to adopt unowned objects, as far as the trust domain or the object
	// itself consents.
	adopt    bool
	adoption xosv1.DomainAdoption
	// mayRepair limits the rate of repairs of a child, and mayCreate that of its creations after
	// the first; contested returns whether they are limited at the moment.
	mayRepair func(c child, content string, rivals func() string) error
	mayCreate func(c child, content string) error
	contested func(c child) error
	// references reports whether children may have an owner reference.
	references bool
	// confirm reads from the API server whether the custom resource still has this UID.
	confirm func(context.Context) (bool, error)
	log     klog.Logger
	// created reports that a child was created in this pass.
	created bool
}

// referenced returns whether a child has an owner reference: if the garbage collector can resolve
// it, and may delete the child.
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
		res.retry, res.err = true, endErr // a successor still has its own pass and status
	}
	return res
}

// reconcileSafely calls reconcile and recovers from a panic, which is a failure of this object
// alone and reported in its status.
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

// reconcileLiving reconciles the object that has the name now.
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
		// The plan's closures hold the version they were created with; nothing that they read has
		// changed.
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

// findings is what a pass observed, before it is reported.
type findings struct {
	// override is the outcome of a pass that was not a full one.
	override *outcome.Outcome
	errs     []error
	// recreated reports that an object was created that did not exist.
	recreated bool
}

// materialize applies the plan. A child that fails does not delay the others, and nothing is
// pruned while the plan is incomplete.
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
	errs = append(errs, err)
	if slices.ContainsFunc(errs, apierrors.IsForbidden) {
		errs = c.orNotPlanned(object, errs)
	}
	return findings{errs: errs, recreated: p.created}
}

// orNotPlanned returns the errors of a pass or, if the object has no plan any more, why: the right
// that a write lacked may have ended during the pass, with the trust domain.
func (c *controller[T]) orNotPlanned(object T, errs []error) []error {
	if err := c.kind.Plan(object, &Plan[T]{}); err != nil && !errors.Is(err, store.ErrNotRead) {
		return []error{err}
	}
	return errs
}

// observeOnly observes the children and changes nothing.
func (c *controller[T]) observeOnly(object T, plan *Plan[T], p *pass, reached outcome.Outcome) findings {
	if c.kind.Custom != nil && plan.computeStatus == nil {
		plan.computeStatus = c.kind.Custom.ComputeStatus(object)
	}
	for _, child := range plan.children {
		child.observe(p.owner, !xosv1.IsManaged(object))
	}
	return findings{override: &reached}
}

// inventory is the pass over an unmanaged object. What it created before it was handed back is
// released, not deleted.
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
	return c.observeOnly(object, plan, p, status.Inventoried("", ownership.AppliedByOthers(object)))
}

// prune deletes owned objects that the plan does not contain, and returns those that still exist
// and that the status records.
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
				errs = append(errs, b.Release(ctx)) // it remains, so no deletion is waited for
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
