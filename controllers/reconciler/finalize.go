package reconciler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// terminationDebounce is how long an object waits for the deletion of what it owns before its
// status reports what is left. In most cases nothing is left by then, and nothing is written.
const terminationDebounce = time.Second

// orphansByPolicy returns whether an object's deletion policy orphans what it owns. That is a
// property of the object, not of its last complete pass, so its finalizer is added before the
// first plan, and also to an object that is suspended, waiting or invalid.
func (c *controller[T]) orphansByPolicy(object T) bool {
	return !Held(object) && (len(c.kind.Owns) > 0 || c.kind.Custom != nil) &&
		object.GetLifecycle().DeletionPolicy == xosv1.DeletionPolicyOrphan
}

// needsFinalizer returns whether the garbage collector alone would leave something of this object
// behind, or delete it against its policy.
func (c *controller[T]) needsFinalizer(object T, plan *Plan[T], p *pass) bool {
	if Held(object) {
		return false // first: whether it is in use takes a look at each user
	}
	if _, inUse := c.inUse(object); inUse > 0 {
		return true
	}
	return slices.ContainsFunc(plan.children, func(c child) bool { return c.awaited() || !p.referenced(c) })
}

// Held returns whether an object has the cleanup finalizer.
func Held(object metav1.Object) bool {
	return slices.Contains(object.GetFinalizers(), xosv1.CleanupFinalizer)
}

// addFinalizer adds the finalizer before the first child that needs it is created. It sets
// annotations in the same request.
func (c *controller[T]) addFinalizer(ctx context.Context, object T, annotations map[string]string) (T, error) {
	return c.setFinalizers(ctx, object, append(slices.Clone(object.GetFinalizers()), xosv1.CleanupFinalizer), annotations)
}

func (c *controller[T]) removeFinalizer(ctx context.Context, object T) error {
	_, err := c.setFinalizers(ctx, object, slices.DeleteFunc(slices.Clone(object.GetFinalizers()),
		func(f string) bool { return f == xosv1.CleanupFinalizer }), nil)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// setFinalizers replaces the list. The patch contains the resourceVersion that the list was read
// at, so that a finalizer which another client adds at the same time is not lost.
func (c *controller[T]) setFinalizers(ctx context.Context, object T, finalizers []string, annotations map[string]string) (T, error) {
	metadata := map[string]any{"finalizers": finalizers}
	if annotations != nil {
		metadata["annotations"] = annotations
	}
	patched, err := c.objects.Patch(ctx, object, map[string]any{"metadata": metadata})
	if err != nil {
		return object, fmt.Errorf("set the finalizers of %s %s: %w", c.Name(), cache.MetaObjectToName(object), err)
	}
	return patched, nil
}

// finalize deletes or releases what an object owns, and removes the finalizer once nothing is
// left. It needs none of the object's references: owned objects are found by their tracking
// metadata, in the object's target namespaces. A deletion that is refused or takes long is
// reported.
func (c *controller[T]) finalize(ctx context.Context, object T) result {
	if !Held(object) {
		// The garbage collector and cleanUpDeleted delete what it owns: only objects that the
		// garbage collector deletes before the owner are waited for.
		left := slices.DeleteFunc(c.ownedBy(object), func(b store.OwnedObject) bool { return !b.Terminating })
		return c.awaitDeletion(ctx, object, left)
	}
	if by, wait := c.inUse(object); wait > 0 {
		return c.awaitUsers(ctx, object, by, wait)
	}
	if c.kind.Custom != nil {
		// What is left may need a person, to whom the status reports it.
		switch done, observe := c.kind.Custom.Finalize(ctx, object); {
		case !done && observe == nil:
			return result{outcome: "terminating"}
		case !done:
			return c.report(ctx, object, &Plan[T]{computeStatus: observe}, findings{})
		}
	}
	left, err := c.finalizeOwned(ctx, object)
	if err == nil && len(left) == 0 {
		left, err = c.confirmGone(ctx, object)
	}
	if isConflict(err) && c.queue.NumRequeues(cache.MetaObjectToName(object)) == 0 {
		return result{outcome: "conflict", retry: true, err: err} // most likely resolved by the next event
	}
	if err != nil {
		return c.report(ctx, object, &Plan[T]{}, findings{errs: []error{err}})
	}
	if len(left) > 0 {
		return c.awaitDeletion(ctx, object, left)
	}
	if err := c.removeFinalizer(ctx, object); err != nil {
		return c.report(ctx, object, &Plan[T]{}, findings{errs: []error{err}})
	}
	c.forgetFinalizing(object.GetUID())
	return result{outcome: "finalized"}
}

func isConflict(err error) bool {
	reached, failed := outcome.FromErrors(err)
	return failed && reached.State == outcome.Retrying && reached.Reason == xosv1.ReasonConflict
}

// awaitDeletion waits for the deletion of what is left, whose event enqueues the object. The
// status reports it if that takes long, and deletions that the server accepted are sent again if
// they had no effect.
func (c *controller[T]) awaitDeletion(ctx context.Context, object T, left []store.OwnedObject) result {
	name, foreign := cache.MetaObjectToName(object), foreignFinalizers(object)
	if len(left) == 0 && len(foreign) == 0 {
		return result{outcome: "terminating"}
	}
	if early := terminationDebounce - c.opts.Clock.Since(object.GetDeletionTimestamp().Time); early > 0 {
		c.queue.AddAfter(name, early)
		return result{outcome: "terminating"}
	}
	if Held(object) {
		c.queue.AddAfter(name, store.AcceptedDeletionTTL)
	}
	waiting := status.Terminating(foreign, describe(left))
	return c.report(ctx, object, c.observePlan(object), findings{override: &waiting})
}

// foreignFinalizers returns the finalizers of an object that neither XOS nor the garbage collector
// removes.
func foreignFinalizers(object metav1.Object) []string {
	ours := []string{xosv1.CleanupFinalizer, metav1.FinalizerDeleteDependents, metav1.FinalizerOrphanDependents}
	return slices.DeleteFunc(slices.Clone(object.GetFinalizers()), func(f string) bool { return slices.Contains(ours, f) })
}

// describe names what is left, and what blocks its deletion.
func describe(left []store.OwnedObject) []string {
	var all []string
	for _, b := range left {
		text := b.Kind.Kind + " " + strings.TrimPrefix(b.Name.String(), "/")
		if b.Held != "" {
			text += ", " + b.Held
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// observePlan returns a plan that only observes, so that the status of an object which is being
// deleted remains up to date. The handle is preserved: it records what is waited for.
func (c *controller[T]) observePlan(object T) *Plan[T] {
	plan := &Plan[T]{}
	if c.kind.Custom != nil || store.Undecodable(object) != nil {
		return plan
	}
	_ = c.kind.Plan(object, plan) // missing references do not matter any more
	owner := ownership.Owner{Kind: c.Name(), Name: cache.MetaObjectToName(object), UID: object.GetUID()}
	for _, child := range plan.children {
		child.observe(owner, !xosv1.IsManaged(object))
	}
	if observe := plan.computeStatus; observe != nil {
		plan.ComputeStatus(func(into T) outcome.Outcome {
			handle := into.GetObjectStatus().BackendHandle
			reached := observe(into)
			into.GetObjectStatus().BackendHandle = handle
			return reached
		})
	}
	return plan
}

// confirmGone reads from the API server what the cache does not hold, before the finalizer is
// removed: after a restart the cache may be stale, and a create whose response was lost may be
// unknown. If this process has observed the children, their absence from the cache suffices, and
// nothing is requested.
func (c *controller[T]) confirmGone(ctx context.Context, object T) (left []store.OwnedObject, err error) {
	if c.isFinalizing(object.GetUID()) {
		return nil, nil
	}
	for _, owned := range c.kind.Owns {
		for _, name := range c.candidates(object, owned) {
			b, err := owned.ReadOwned(ctx, name)
			if err != nil {
				return nil, err
			}
			if b == nil || !c.owns(object, *b) {
				continue
			}
			waits, err := c.finalizeOne(ctx, object, *b)
			if err != nil {
				return nil, err
			}
			if waits || !c.orphans(object, *b) {
				left = append(left, *b)
			}
		}
	}
	c.setFinalizing(object.GetUID())
	return left, nil
}

// setFinalizing records that this process has observed what a deleted object owned.
func (c *controller[T]) setFinalizing(uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finalizing[uid] = true
}

func (c *controller[T]) isFinalizing(uid types.UID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finalizing[uid]
}

func (c *controller[T]) forgetFinalizing(uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.finalizing, uid)
}
