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

// CustomReconciler brings about what a kind wants where no plan of typed children can
// describe it, because only the object itself says of which kinds they are. The
// rest of the loop (queue, references, finalizer, conditions, status) is the
// same as for any other kind.
type CustomReconciler[T store.CustomObject] interface {
	// Reconcile makes the cluster be as the object says and returns how to judge
	// the result. save writes down what is about to be done; an object that is
	// not held by the finalizer yet must be saved before anything is done for
	// it. Every step must be harmless when it is taken again.
	Reconcile(ctx context.Context, object T, save Save[T]) (observe func(into T) outcome.Outcome, err error)
	// StopWatching is told of an object whose plan has failed: what the plan stands for, such as
	// the identity to act as, is not there, so what goes on by itself for the object
	// has to end until the next Converge.
	StopWatching(object T)
	// Observe judges what is there without changing it.
	Observe(object T) func(into T) outcome.Outcome
	// Finalize deletes what the object made, or gives it up where its policy says
	// so or the object is not managed any more. done says that nothing is left;
	// until then observe tells what is, and what stands in the way. It is nil
	// where there is nothing to tell yet.
	Finalize(ctx context.Context, object T) (done bool, observe func(into T) outcome.Outcome)
	// SetEnqueue is told whom to call when something changes that an object made, or
	// when it is to be looked at after a while. Repeated calls within the while
	// are one.
	SetEnqueue(enqueue func(name cache.ObjectName, after time.Duration))
}

// Save writes down in one request what is about to be done, and returns the
// object as it is then: status fields, or, where the finalizer has to be set and
// there is an intent, that in an annotation beside the finalizer.
type Save[T store.CustomObject] func(intent string, change func(into T)) (T, error)

// reconcileCustom carries out an external kind. It returns the object with what
// was saved meanwhile, which is what the final status is compared with.
func (c *controller[T]) reconcileCustom(ctx context.Context, object T, plan *Plan[T]) (T, findings) {
	save := func(intent string, change func(into T)) (T, error) {
		if !Held(object) {
			var annotations map[string]string
			if intent != "" {
				annotations = map[string]string{xosv1.IntentAnnotation: intent}
			}
			finalized, err := c.addFinalizer(ctx, object, annotations)
			if apierrors.IsInvalid(err) && annotations != nil {
				// No room: the cache does not hold the copy that kubectl keeps, so
				// only the server can tell.
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
