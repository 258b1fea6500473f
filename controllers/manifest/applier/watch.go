package applier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// fillTimeout is how long a pass waits for first lists, all of them together.
const fillTimeout = 2 * time.Second

// How often a resource instance is reconciled whose objects can't be watched, for
// want of rights.
const pollRefused = time.Minute

var (
	// errRefused is why a watch shows nothing: its identity may not watch.
	errRefused = errors.New("not allowed to list and watch")
	// errNotServed is why a watch shows nothing: there is no such resource.
	errNotServed = errors.New("not served")
	// errUnfilled is why a watch shows nothing yet: its first list takes long.
	errUnfilled = errors.New("the list of its kind takes long")
)

// scope is what a watch shows: the objects of a resource in a namespace ("" for
// cluster-scoped ones), as far as an identity may see them.
type scope struct {
	identity  identity
	resource  schema.GroupVersionResource
	namespace string
}

// watch keeps the metadata of what is in a scope.
type watch struct {
	informer cache.SharedIndexInformer
	cancel   context.CancelFunc
	// settled is closed once the first list is there, or known not to come.
	settled chan struct{}
	once    sync.Once
	// turned is called when a watch that worked shows nothing any more, and when one
	// that did not work does: whoever follows it has to look again.
	turned func()

	mu      sync.Mutex
	trouble error
	since   time.Time
	// tries counts the watches of this scope, one after the other, that were of no
	// use.
	tries int
}

// observer receives an object that changed; gone says that it ended, or that
// its mark was taken off.
type observer func(object *metav1.PartialObjectMetadata, gone bool)

// newWatch makes and runs a watch.
func newWatch(manager *rest.Config, s scope, seen observer, turned func()) (*watch, error) {
	client, err := s.identity.metadata(manager)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &watch{
		informer: metadatainformer.NewFilteredMetadataInformer(client, s.resource, s.namespace, 0, nil, nil).Informer(),
		cancel:   stop, settled: make(chan struct{}), turned: turned,
	}
	_, err = w.informer.AddEventHandler(handlers(seen))
	err = errors.Join(err, w.informer.SetTransform(trim),
		w.informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) { w.failed(err) }))
	if err != nil {
		stop()
		return nil, fmt.Errorf("set up a watch of %s: %w", s.resource.Resource, err)
	}
	go w.informer.RunWithContext(ctx)
	go func() {
		if cache.WaitForCacheSync(ctx.Done(), w.informer.HasSynced) {
			w.settle(nil)
		}
	}()
	return w, nil
}

func handlers(seen observer) cache.ResourceEventHandler {
	type object = *metav1.PartialObjectMetadata
	return cache.ResourceEventHandlerDetailedFuncs{
		AddFunc: func(o any, initial bool) {
			if !initial { // the pass that waits for the first list sees that itself
				seen(o.(object), false)
			}
		},
		UpdateFunc: func(before, after any) {
			was, is := before.(object), after.(object)
			if was.Annotations[xosv1.OwnerAnnotation] != is.Annotations[xosv1.OwnerAnnotation] || was.UID != is.UID {
				seen(was, true)
			}
			seen(is, false)
		},
		DeleteFunc: func(o any) {
			if end, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = end.Obj
			}
			if o, ok := o.(object); ok {
				seen(o, true)
			}
		},
	}
}

// failed takes the reflector's errors. Without the right to watch, or the kind,
// there is no use in trying on. Everything else passes, and the reflector tries again
// by itself: until then, who waits for the first list need not.
func (w *watch) failed(err error) {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err), apierrors.IsMethodNotSupported(err):
		w.settle(errRefused)
		w.Stop()
	case apierrors.IsNotFound(err):
		w.settle(errNotServed)
		w.Stop()
	case !w.informer.HasSynced():
		w.settle(fmt.Errorf("list its kind: %w", err))
	}
}

// settle notes whether the watch works. The first list, whenever it comes, ends
// whatever was in its way.
func (w *watch) settle(trouble error) {
	w.mu.Lock()
	settled := !w.since.IsZero()
	turned := settled && (w.trouble == nil) != (trouble == nil)
	w.trouble, w.since = trouble, time.Now()
	if trouble == nil {
		w.tries = 0
	}
	w.mu.Unlock()
	w.once.Do(func() { close(w.settled) })
	if turned {
		w.turned()
	}
}

// await waits for the first list and says why there is none. A watch that made
// one pass wait too long makes no other wait.
func (w *watch) await(ctx context.Context, until time.Time) error {
	select {
	case <-w.settled:
	default:
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		select {
		case <-w.settled:
		case <-ctx.Done():
			return fmt.Errorf("wait for the first list: %w", ctx.Err())
		case <-timer.C:
			w.late()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

// late notes that the first list takes long, unless it has just come.
func (w *watch) late() {
	w.mu.Lock()
	if w.since.IsZero() {
		w.trouble, w.since = errUnfilled, time.Now()
	}
	w.mu.Unlock()
	w.once.Do(func() { close(w.settled) })
}

// Stop ends the watch.
func (w *watch) Stop() { w.cancel() }

// Spent returns whether a watch that got into trouble is to be tried anew: rights
// may have been given, and a kind may have come.
func (w *watch) Spent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble != nil && time.Since(w.since) > w.retryAfter()
}

// retryAfter is after how long a watch in trouble is tried anew. It is less than
// the time between two looks without a watch, so that each look tries.
func (w *watch) retryAfter() time.Duration {
	switch {
	case errors.Is(w.trouble, errRefused):
		return pollRefused / 2
	case errors.Is(w.trouble, errNotServed):
		return backoff(w.tries) / 2
	}
	return time.Duration(math.MaxInt64) // the reflector sees to it
}

func (w *watch) triesSoFar() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tries
}

// backoff is the pause after so many tries at what the server does not serve.
func backoff(tries int) time.Duration {
	return min(kinds.FirstPoll<<min(tries, 10), kinds.LastPoll)
}

// get returns an object, if it is there.
func (w *watch) get(name cache.ObjectName) (*metav1.PartialObjectMetadata, bool) {
	cached, found, err := w.informer.GetStore().GetByKey(name.String())
	if err != nil || !found {
		return nil, false
	}
	return cached.(*metav1.PartialObjectMetadata), true
}

// trim takes out of an object what nobody here reads. Of an object that bears no
// owner's mark not much is left; of the others our own claim on fields is kept.
func trim(object any) (any, error) {
	o, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		return object, nil
	}
	records := o.ManagedFields
	store.Trim(o)
	o.ManagedFields = ownClaim(o, records)
	return o, nil
}

// ownClaim keeps what claims.Held reads: the claim of the object's owner.
func ownClaim(o metav1.Object, records []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	mark, owned := ownership.TrackingIDOf(o)
	if !owned {
		return nil
	}
	manager := FieldManager(mark.Owner.Name)
	claim := managedfields.Of(records, manager)
	if claim == nil {
		return nil
	}
	return []metav1.ManagedFieldsEntry{{Manager: manager, Operation: metav1.ManagedFieldsOperationApply, FieldsV1: claim}}
}
