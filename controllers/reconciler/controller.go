package reconciler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// resync is the period after which each object is reconciled without an event, times a random
// factor between 1 and 2. It is only a safety net: watches report drift.
const resync = 30 * time.Minute

// Controller reconciles the objects of one kind.
type Controller interface {
	// Name returns the kind.
	Name() string
	// Run reconciles objects until the context ends. It starts once the caches that the kind reads
	// are filled.
	Run(ctx context.Context) error
	// Enqueue reconciles an object after a delay. Repeated calls within the delay are coalesced.
	Enqueue(name cache.ObjectName, delay time.Duration)
}

type controller[T store.CustomObject] struct {
	kind Kind[T]
	// objects writes the custom resources of the kind.
	objects store.CustomWriter[T]
	opts    Options
	queue   workqueue.TypedRateLimitingInterface[cache.ObjectName]
	// turns is the storage of the queue.
	turns *fairqueue.Queue[cache.ObjectName]

	mu sync.Mutex
	// deletedParents holds the objects whose deletion a watch has reported, until what they owned
	// is cleaned up. Only a watched deletion counts: an object may be missing in a cache because
	// the cache is stale.
	deletedParents map[cache.ObjectName][]deletedParent
	// finalizing holds the objects that are being deleted and whose children this process has
	// observed; see confirmGone.
	finalizing map[types.UID]bool
	// repairs limits the rate of repairs of children.
	repairs *RepairLimiter
	// notBefore holds the earliest time of the next pass over an object whose last pass failed or
	// that is new, whatever events arrive.
	notBefore map[cache.ObjectName]time.Time
	// limiter holds the pending progress reports.
	limiter *statusLimiter
}

// New creates the controller of a kind. It adds indexes and event handlers and does no I/O; the
// informers must not run yet.
func New[T store.CustomObject](kind Kind[T], opts Options) (Controller, error) {
	opts = opts.orDefaults()
	name := kind.Resource.Kind.Kind
	turns := fairqueue.New(func(o cache.ObjectName) string { return o.Namespace }, 2*opts.Workers)
	c := &controller[T]{
		kind: kind, opts: opts, deletedParents: map[cache.ObjectName][]deletedParent{}, finalizing: map[types.UID]bool{}, repairs: NewRepairLimiter(opts.Clock),
		notBefore: map[cache.ObjectName]time.Time{},
		limiter:   newStatusLimiter(), turns: turns, queue: fairqueue.NewWorkqueue(name, opts.Clock, turns, opts.Monitor),
	}
	c.objects = kind.Resource.WriteAs(store.ReconcilerWriter, func(name cache.ObjectName) { c.queue.Add(name) })
	if kind.Custom != nil {
		kind.Custom.SetEnqueue(c.Enqueue)
	}
	if err := errors.Join(c.watchSelf(), c.watchReferences(), c.watchOwned()); err != nil {
		return nil, fmt.Errorf("set up the controller of %s: %w", name, err)
	}
	return c, nil
}

func (c *controller[T]) Name() string { return c.kind.Resource.Kind.Kind }

func (c *controller[T]) Enqueue(name cache.ObjectName, delay time.Duration) {
	c.queue.AddAfter(name, delay)
}

func (c *controller[T]) watchSelf() error {
	r := c.kind.Resource
	return r.Watch(store.Handler[T]{
		Writer: store.ReconcilerWriter,
		Add: func(o T, _ bool) {
			c.updateSubscriptions(o, false)
			if !c.isRecord(o) {
				c.queue.AddAfter(cache.MetaObjectToName(o), c.debounce(o))
			}
		},
		Update: func(before, after T, own bool) {
			if before.GetUID() != after.GetUID() {
				c.recordDeletion(before) // deleted and recreated between two events
			}
			// The controller's own writes change no spec: where the generation differs, another
			// client's change is in the same event.
			if !own || before.GetGeneration() != after.GetGeneration() {
				c.updateSubscriptions(after, false)
				if !c.isRecord(before) || !c.isRecord(after) {
					c.queue.Add(cache.MetaObjectToName(after))
				}
			}
		},
		Delete: func(last T, watched bool) {
			r.ForgetDeleted(last)
			c.forgetFinalizing(last.GetUID())
			c.updateSubscriptions(last, true)
			if watched {
				c.recordDeletion(last)
			}
			c.queue.Add(cache.MetaObjectToName(last))
		},
	})
}

// updateSubscriptions passes the names that an object refers to on to the references that watch
// single objects.
func (c *controller[T]) updateSubscriptions(o T, gone bool) {
	for _, ref := range c.kind.References {
		switch {
		case ref.subscribe == nil:
		case gone:
			ref.subscribe(cache.MetaObjectToName(o), nil)
		default:
			ref.subscribe(cache.MetaObjectToName(o), ref.values(o))
		}
	}
}

func (c *controller[T]) watchReferences() error {
	for _, ref := range c.kind.References {
		c.kind.Resource.AddIndex(ref.index, c.referring(ref))
		err := ref.watch(func(value string) {
			for _, referrer := range c.kind.Resource.ByIndex(ref.index, value) {
				c.queue.AddAfter(cache.MetaObjectToName(referrer), ref.delay)
			}
		}, ref.which)
		if err != nil {
			return fmt.Errorf("watch %s: %w", ref.index, err)
		}
	}
	return nil
}

// isRecord returns whether an object is a record of the pull's that a pass would find nothing to do
// for: it is not managed, and nothing holds its end. Native objects that it still owns, from when it
// was managed, enqueue it themselves. There is a record for each pod of the cluster.
func (c *controller[T]) isRecord(o T) bool {
	return c.kind.PullKeepsInventory && !xosv1.IsManaged(o) && len(o.GetFinalizers()) == 0 && o.GetDeletionTimestamp() == nil
}

// referring returns the values of a reference's index. Records of the pull's, of which there is one
// for each pod of the cluster, are left out: their passes do nothing that depends on a referent.
func (c *controller[T]) referring(ref Reference[T]) func(T) []string {
	if !ref.managed && !c.kind.PullKeepsInventory {
		return ref.values
	}
	return func(o T) []string {
		if !xosv1.IsManaged(o) {
			return nil
		}
		return ref.values(o)
	}
}

func (c *controller[T]) watchOwned() error {
	for _, owned := range c.kind.Owns {
		err := owned.WatchOwners(func(owner ownership.Owner) {
			if owner.Kind == c.Name() {
				c.queue.Add(owner.Name)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *controller[T]) Run(ctx context.Context) error {
	defer c.queue.ShutDown()
	if !fill(klog.NewContext(ctx, klog.LoggerWithValues(klog.FromContext(ctx), "kind", c.Name())), c.caches(), cacheWaitLogInterval) {
		return nil
	}
	var working sync.WaitGroup
	working.Go(func() { c.work(ctx) })
	// The first pass over each object follows its first event; this loop is only a safety net.
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-c.opts.Clock.After(wait.Jitter(resync, 1)):
			c.enqueueAll()
		}
	}
	c.queue.ShutDown()
	working.Wait()
	return nil
}

// work reconciles queued objects, as many at once as there are workers and at most half of them for
// one namespace. It returns when the queue is shut down and all passes have ended.
func (c *controller[T]) work(ctx context.Context) {
	var workers sync.WaitGroup
	next := make(chan cache.ObjectName)
	defer workers.Wait()
	defer close(next)
	for {
		c.turns.Await() // first: what waits in the queue can still be one with what comes
		name, shutdown := c.queue.Get()
		if shutdown {
			return
		}
		select {
		case next <- name: // to a worker that has nothing to do
		default:
			workers.Go(func() { c.worker(ctx, name, next) })
		}
	}
}

// lingering is how long a worker waits for another object. A stack that has grown for a pass serves
// the next ones; an idle kind holds none.
const lingering = time.Second

// worker reconciles one object after the other, until there is none for a while.
func (c *controller[T]) worker(ctx context.Context, name cache.ObjectName, next <-chan cache.ObjectName) {
	idle := time.NewTimer(lingering)
	defer idle.Stop()
	for more := true; more; {
		c.pass(ctx, name)
		idle.Reset(lingering)
		select {
		case name, more = <-next:
		case <-idle.C:
			return
		}
	}
}

func (c *controller[T]) pass(ctx context.Context, name cache.ObjectName) {
	defer c.turns.Done(name)
	defer c.queue.Done(name)
	c.process(ctx, name)
}

// untilNotBefore returns how long an object has to wait because its last pass failed a moment ago:
// events may be good news, but may also arrive by the hundred. A new object may wait too; see
// debounce.
func (c *controller[T]) untilNotBefore(name cache.ObjectName) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, failed := c.notBefore[name]
	if !failed {
		return 0
	}
	return at.Sub(c.opts.Clock.Now())
}

// debounce delays the first pass over a new object, so that what was applied with it is there too,
// and returns the delay.
func (c *controller[T]) debounce(o T) time.Duration {
	if c.kind.Debounce == nil || len(o.GetObjectStatus().Conditions) > 0 || o.GetDeletionTimestamp() != nil {
		return 0
	}
	wait := c.kind.Debounce(o)
	if wait > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.notBefore[cache.MetaObjectToName(o)] = c.opts.Clock.Now().Add(wait)
	}
	return wait
}

func (c *controller[T]) setNotBefore(name cache.ObjectName, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if failed {
		c.notBefore[name] = c.opts.Clock.Now().Add(fairqueue.FirstRetry)
	} else {
		delete(c.notBefore, name)
	}
}

// enqueueAll enqueues every object but records.
func (c *controller[T]) enqueueAll() {
	for o := range c.kind.Resource.All() {
		if !c.isRecord(o) {
			c.queue.Add(cache.MetaObjectToName(o))
		}
	}
}

// process reconciles one object, and enqueues it again if needed.
func (c *controller[T]) process(ctx context.Context, name cache.ObjectName) {
	if wait := c.untilNotBefore(name); wait > 0 {
		c.queue.AddAfter(name, wait)
		return
	}
	started := c.opts.Clock.Now()
	result := c.reconcileSafely(ctx, name)
	c.setNotBefore(name, result.retry)
	observeReconcile(c.Name(), result, c.opts.Clock.Since(started))
	switch {
	case ctx.Err() != nil: // a shutdown is no failure of the object
	case result.retry:
		if result.err != nil {
			klog.FromContext(ctx).Info("Trying again", "kind", c.Name(), "object", klog.KRef(name.Namespace, name.Name),
				"tries", c.queue.NumRequeues(name)+1, "reason", result.err.Error())
		}
		c.queue.AddRateLimited(name)
	default:
		c.queue.Forget(name)
	}
}
