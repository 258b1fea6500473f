package delivery

import (
	"context"
	"iter"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"k8s.io/utils/lru"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Cluster is what an outbox needs to know of the cluster.
type Cluster interface {
	// UID identifies the cluster in events.
	UID() (types.UID, error)
	// Enabled returns whether events are published at all.
	Enabled() bool
	// Current returns an entity as it is now, and whether it is inventoried; false where it
	// is not there.
	Current(ref Ref) (e event.Entity, selected, ok bool)
	// All are the entities that are there, inventoried or not.
	All() iter.Seq[Ref]
	// Recorded are the ends and the deliveries that objects of the cluster remember, where gone
	// returns whether an entity is missing: see Remembered.
	Recorded(ctx context.Context, gone func(event.ID) bool) ([]Remembered, error)
	// Remembers returns whether an object of the cluster remembers an end as it is, so that
	// Recorded will report it.
	Remembers(end End) bool
	// Exists returns whether an entity is there, by asking the API server where the caches
	// have not shown its end.
	Exists(ctx context.Context, e event.Entity) (bool, error)
	// Store keeps the end of an entity in the API server until Discard.
	Store(ctx context.Context, end End) error
	// Discard removes what Store kept, if anything.
	Discard(ctx context.Context, id event.ID) error
	// Settled is called when nothing is pending any more of an entity that is gone.
	Settled(e event.Entity)
}

// Remembered is an entity that an object of the cluster remembers: the record of a pod
// that is gone, what Store has kept, or an instance of the first build.
type Remembered struct {
	End
	// Told is what Kafka was told, as the first build wrote it down, and Finished reports
	// that it was told the end.
	Told     event.Told
	Finished bool
	// Stored reports that Store has kept it.
	Stored bool
}

// Options are what an outbox is created with.
type Options struct {
	Log     Log
	Cluster Cluster
	Clock   clock.WithTicker
	// MayWrite returns an error while this process may not publish; nil means that it
	// always may.
	MayWrite func() error
	// OnResult is called after each attempt to publish, with nil where it succeeded.
	OnResult func(error)
	// MaxStored bounds the ends that the cluster keeps, of entities that Kafka was never told of;
	// DefaultMaxStored where 0.
	MaxStored int
	// OnGivenUp is called with the number of ends that were given up since the start, each
	// time that one more is, because more than MaxStored waited. Those of the namespaces that have
	// most are given up.
	OnGivenUp func(total int)
}

// DefaultMaxStored is about 50 MiB in the API server, and at most four times that.
const DefaultMaxStored = 50_000

const (
	// batchSize bounds a transaction; more gathers than that only after an outage.
	batchSize = 500
	// firstPause and lastPause bound the time between two attempts to open a session.
	firstPause = 200 * time.Millisecond
	lastPause  = 5 * time.Second
	// lanePause is the time until units of a partition that is not available are tried again.
	lanePause = time.Second
	// manyFinished is more than the entities whose end is published within the time that
	// the caches are behind.
	manyFinished = 1 << 14
)

// Outbox publishes what the cluster shows and Kafka was not told.
type Outbox struct {
	opts Options
	wake chan struct{}
	// keeping wakes what stores ends.
	keeping chan struct{}

	mu      sync.Mutex
	pending *pendingSet
	// told is what Kafka was told of the entities that it does not know as deleted; nil
	// until it has been read.
	told map[event.ID]event.Told
	// lost are the entities whose last event Kafka refused for its size, and what it shows of
	// them instead; nil where that is nothing.
	lost map[event.ID]*event.Fingerprint
	// finished are entities whose end is published, the last ones: a late event of theirs
	// must not announce them again.
	finished *lru.Cache
	// failing is since when nothing could be published; zero while it can.
	failing time.Time
	// unkept are the ends that nothing has been found to remember so far, and when to store
	// them.
	unkept map[event.ID]time.Time
	// snapshotDue reports that a snapshot of the inventory is to be published.
	snapshotDue bool

	// givenUp is how many ends were given up.
	givenUp int

	// snapshots reports that one was published, and snapshot is the one that is under way; nil
	// where none is. Only the goroutine of Run uses them.
	snapshots bool
	snapshot  *snapshot
}

// New returns an outbox that has published nothing yet.
func New(opts Options) *Outbox {
	return &Outbox{
		opts: opts, wake: make(chan struct{}, 1), keeping: make(chan struct{}, 1), pending: newPendingSet(), finished: lru.New(manyFinished),
		lost: map[event.ID]*event.Fingerprint{}, unkept: map[event.ID]time.Time{}, snapshotDue: true,
	}
}

// Enqueue has an entity compared with what Kafka was told of it.
func (o *Outbox) Enqueue(ref Ref) {
	o.mu.Lock()
	o.pending.add(ref, o.opts.Clock.Now())
	o.mu.Unlock()
	o.Wake()
}

// Wake has the outbox look at what may be published.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Ended has the end of an entity published, unless it is published or pending already.
func (o *Outbox) Ended(end End) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, done := o.finished.Get(end.ID); done {
		return
	}
	now := o.opts.Clock.Now()
	if end.DeletedAt.IsZero() {
		end.DeletedAt = now
	}
	i, ok := o.pending.get(end.ID)
	if !ok || i.ended == nil || (end.Confirmed && !i.ended.Confirmed) { // the first report is the best, and best of all that of the watch
		i = o.pending.add(Ref{end.ID, nameOf(end.Entity)}, now)
		i.ended = &end
		o.Wake()
	}
	if i.endedAt.IsZero() {
		i.endedAt = now
	}
	o.toKeep(i)
}

// Settled returns whether the end of an entity is published.
func (o *Outbox) Settled(id event.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, done := o.finished.Get(id)
	return done
}

// Announced returns whether Kafka was told of an entity, as far as is known.
func (o *Outbox) Announced(id event.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.told[id].OnInventory
}

// Backlog returns how many entities wait, and since when the first of them does.
func (o *Outbox) Backlog() (entities int, oldest time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pending.order.Len(), o.pending.oldest()
}

// Run publishes until the context ends.
func (o *Outbox) Run(ctx context.Context) {
	var keeping sync.WaitGroup
	keeping.Go(func() { o.keep(ctx) })
	defer keeping.Wait()
	pause := firstPause
	for ctx.Err() == nil {
		if !o.enabled(ctx) {
			return
		}
		worked, err := o.session(ctx)
		if worked {
			pause = firstPause
		}
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		o.failed(ctx, err)
		select {
		case <-o.opts.Clock.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, lastPause)
	}
}

// enabled waits until events are published, and returns false where the context ends
// first. What has ended meanwhile and was not announced is nobody's to publish.
func (o *Outbox) enabled(ctx context.Context) bool {
	for !o.opts.Cluster.Enabled() {
		select {
		case <-o.wake:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// session opens a session and publishes in it until it ends. It returns whether anything
// was published, or found to be published.
func (o *Outbox) session(ctx context.Context) (worked bool, err error) {
	if err := o.mayWrite(); err != nil {
		return false, err
	}
	s, err := o.open(ctx)
	if err != nil {
		return false, err
	}
	defer s.Close()
	o.succeeded()
	defer func() {
		if o.snapshot != nil {
			o.snapshot = nil
			o.Snapshot() // the next session begins it anew
		}
	}()
	for ctx.Err() == nil && o.opts.Cluster.Enabled() {
		more, next, err := o.publish(ctx, s)
		if err != nil {
			return true, err
		}
		if o.snapshotIsDue() && o.storedElsewhere(ctx) {
			return true, nil // the next session takes that over
		}
		advancing, err := o.advanceSnapshot(ctx, s)
		if err != nil {
			return true, err
		}
		if !more && !advancing {
			o.wait(ctx, o.wake, next)
		}
	}
	return true, nil
}

func (o *Outbox) mayWrite() error {
	if o.opts.MayWrite == nil {
		return nil
	}
	return o.opts.MayWrite()
}

// wait returns when it is woken or the time has come, if there is one.
func (o *Outbox) wait(ctx context.Context, wake <-chan struct{}, next time.Time) {
	var due <-chan time.Time
	if !next.IsZero() {
		timer := o.opts.Clock.NewTimer(next.Sub(o.opts.Clock.Now()))
		defer timer.Stop()
		due = timer.C()
	}
	select {
	case <-wake:
	case <-due:
	case <-ctx.Done():
	}
}
