package engine

import (
	"context"
	"time"

	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// External brings about what a kind wants where no plan of typed children can
// describe it, because only the object itself says of which kinds they are. The
// rest of the loop (queue, references, finalizer, conditions, status) is the
// same as for any other kind.
type External[T Parent] interface {
	// Converge makes the cluster be as the object says and returns how to judge
	// the result. save writes status fields down at once, before what they
	// speak of is done. Every step must be harmless when it is taken again.
	Converge(ctx context.Context, object T, save func(func(into T)) (T, error)) (observe func(into T) verdict.Outcome, err error)
	// Look judges what is there without changing it.
	Look(object T) func(into T) verdict.Outcome
	// Dismiss deletes what the object made, or gives it up where its policy says
	// so or the object is not managed any more. done says that nothing is left;
	// until then observe tells what is, and what stands in the way.
	Dismiss(ctx context.Context, object T) (done bool, observe func(into T) verdict.Outcome)
	// Watch is told whom to call when something changes that an object made, or
	// when it is to be looked at after a while. Repeated calls within the while
	// are one.
	Watch(enqueue func(name cache.ObjectName, after time.Duration))
}

// convergeExternal carries out an external kind. It returns the object with what
// was saved meanwhile, which is what the final status is compared with.
func (c *controller[T]) convergeExternal(ctx context.Context, object T, plan *Plan[T]) (T, judged) {
	save := func(change func(into T)) (T, error) {
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
	observe, err := c.kind.External.Converge(ctx, object, save)
	if observe != nil {
		plan.observe = observe
	}
	return object, judged{errs: []error{err}}
}
