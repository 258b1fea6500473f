package reconciler

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// CustomReconciler reconciles a kind whose native objects no plan of typed children can describe,
// because their kinds are known only from the object itself. The rest of the loop (queue,
// references, finalizer, conditions, status) is the same as for any other kind.
type CustomReconciler[T store.CustomObject] interface {
	// Reconcile applies what the object declares and returns how to compute its status. save
	// records what is about to be done; an object without the finalizer must be saved before
	// anything is done for it. Every step must be idempotent.
	Reconcile(ctx context.Context, object T, save Save[T]) (observe func(into T) outcome.Outcome, err error)
	// StopWatching is called for an object whose plan has failed: what the plan depends on, such
	// as the identity to act as, is missing, so the watches of the object must stop until the next
	// Reconcile.
	StopWatching(object T)
	// ComputeStatus returns how to compute the status from what exists, and changes nothing.
	ComputeStatus(object T) func(into T) outcome.Outcome
	// Finalize deletes what the object created, or releases it if its deletion policy says so or
	// the object is not managed any more. done reports that nothing is left; until then observe
	// computes the status, which names what is left and what blocks it. observe is nil if there is
	// nothing to report yet.
	Finalize(ctx context.Context, object T) (done bool, observe func(into T) outcome.Outcome)
	// SetEnqueue sets the function that enqueues an object when something changes that it created,
	// or after a while. Repeated calls within the while are coalesced.
	SetEnqueue(enqueue func(name cache.ObjectName, after time.Duration))
}

// Save records in one request what is about to be done, and returns the updated object: status
// fields, or, if the finalizer must be set and there is an intent, the intent in an annotation
// beside the finalizer.
type Save[T store.CustomObject] func(intent string, change func(into T)) (T, error)

// reconcileCustom calls a CustomReconciler. It returns the object with what was saved meanwhile,
// which the final status is compared with.
func (c *controller[T]) reconcileCustom(ctx context.Context, object T, plan *Plan[T]) (T, findings) {
	save := func(intent string, change func(into T)) (T, error) {
		if !Held(object) {
			var annotations map[string]string
			if intent != "" {
				annotations = map[string]string{xosv1.IntentAnnotation: intent}
			}
			finalized, err := c.addFinalizer(ctx, object, annotations)
			if apierrors.IsInvalid(err) && annotations != nil {
				// No room: the cache does not hold the copy that kubectl stores, so only the
				// server knows the size.
				intent = ""
				finalized, err = c.addFinalizer(ctx, object, nil)
			}
			if err != nil {
				return object, err
			}
			if object = finalized; intent != "" {
				return object, nil
			}
		}
		after := object.DeepCopyObject().(T)
		change(after)
		if err := c.patchStatus(ctx, object, after); err != nil {
			return object, err
		}
		if saved, ok := c.kind.Resource.Get(cache.MetaObjectToName(object)); ok && saved.GetUID() == object.GetUID() {
			object = saved
		}
		return object, nil
	}
	observe, err := c.kind.Custom.Reconcile(ctx, object, save)
	if observe != nil {
		plan.computeStatus = observe
	}
	return object, findings{errs: []error{err}}
}
