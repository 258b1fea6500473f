package store

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
)

// Resource reads one kind of resource of one cluster without a request: from
// the informer's cache, or, while that lags behind, from what we last wrote
// ourselves. So a pass always sees its own writes, and never repeats them.
type Resource[O Object] struct {
	// Kind is the group, version and kind.
	Kind schema.GroupVersionKind
	// Plural is the resource's name in API paths.
	Plural string

	informer cache.SharedIndexInformer
	// absent is set where the API server does not serve the kind; only those of custom
	// resources ever are.
	absent   absence
	indexer  cache.Indexer
	handlers []Handler[O]
	// registration is that of the handlers; nil before the first of them.
	registration cache.ResourceEventHandlerRegistration
	listening    bool
	counters     map[string]*counter[O]
	// clock determines how long ago a deletion was accepted.
	clock clock.PassiveClock

	mu sync.Mutex
	// written holds our newest write of an object until the cache has caught up.
	written map[cache.ObjectName]ownWrite[O]
	// deleted holds the deletions that the server accepted and that the cache does
	// not show yet.
	deleted map[cache.ObjectName]deletion
	// pending holds the writes whose answers are still to come.
	pending PendingWrites[writeID]
	// ended, where not nil, is called with an object that the cache saw end. It is called
	// under the lock.
	ended func(name cache.ObjectName, uid types.UID)
	// record, where not nil, is called with each read; see Record.
	record func(Read)
}

// NewResource reads through the informer, which must not run yet. That its
// objects are of this type is up to the caller.
func NewResource[O Object](kind schema.GroupVersionKind, plural string, informer cache.SharedIndexInformer) *Resource[O] {
	return &Resource[O]{
		Kind: kind, Plural: plural,
		informer: informer, indexer: informer.GetIndexer(), clock: clock.RealClock{},
		written: map[cache.ObjectName]ownWrite[O]{}, deleted: map[cache.ObjectName]deletion{},
	}
}

// UseClock sets the clock that says how long ago a deletion was accepted; the real one is the
// default.
func (r *Resource[O]) UseClock(c clock.PassiveClock) { r.clock = c }

// Get returns the newest version that we know of. It must not be changed.
func (r *Resource[O]) Get(name cache.ObjectName) (O, bool) {
	o, ok := r.Newest(name)
	if r.record != nil {
		r.recordGet(name, o, ok)
	}
	return o, ok
}

// Newest is Get without a record of the read.
func (r *Resource[O]) Newest(name cache.ObjectName) (O, bool) {
	var none O
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, found := r.written[name]; found {
		if !r.caughtUp(own.object) {
			return own.object, true
		}
		delete(r.written, name)
	}
	// Only now: what the cache showed before it had caught up is an earlier version.
	cached, ok, _ := r.indexer.GetByKey(name.String())
	if !ok {
		return none, false
	}
	return r.object(cached), true
}

// ByIndex returns the objects with this value in an index, ordered by name, our
// own newest writes included.
func (r *Resource[O]) ByIndex(index, value string) []O {
	found := r.withValue(index, value)
	if r.record != nil {
		r.recordIndex(index, value, found)
	}
	return found
}

func (r *Resource[O]) withValue(index, value string) []O {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sortedByName(r.byIndex(index, value))
}

// byIndex is ByIndex without the order. The lock is held.
func (r *Resource[O]) byIndex(index, value string) map[cache.ObjectName]O {
	maps.DeleteFunc(r.written, func(_ cache.ObjectName, own ownWrite[O]) bool { return r.caughtUp(own.object) })
	// Only now: what the cache showed before it had caught up with a write lacks it.
	cached, err := r.indexer.ByIndex(index, value)
	if err != nil {
		panic(err) // an index that was never added: a programming error, seen in the first test
	}
	found := make(map[cache.ObjectName]O, len(cached))
	for _, c := range cached {
		o := r.object(c)
		found[cache.MetaObjectToName(o)] = o
	}
	for name, write := range r.written {
		own := write.object
		if shown, ok := found[name]; ok && newer(shown, own) {
			continue // the cache went on meanwhile
		}
		delete(found, name)
		values, _ := r.indexer.GetIndexers()[index](own)
		if slices.Contains(values, value) {
			found[name] = own
		}
	}
	return found
}

// CountIndex is how many objects ByIndex would return, at less cost.
func (r *Resource[O]) CountIndex(index, value string) int {
	if r.record != nil {
		return len(r.ByIndex(index, value))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.written) > 0 {
		return len(r.byIndex(index, value))
	}
	keys, err := r.indexer.IndexKeys(index, value)
	if err != nil {
		panic(err) // an index that was never added: a programming error, seen in the first test
	}
	return len(keys)
}

// All returns every object in the cache, in no order. For counts, never in a
// reconcile of a single object.
func (r *Resource[O]) All() iter.Seq[O] {
	return func(yield func(O) bool) {
		for _, o := range r.indexer.List() {
			if !yield(r.object(o)) {
				return
			}
		}
	}
}

// AddIndex adds an index by the values that a function gives an object. It must
// be called before the informer runs, and panics after. A function that panics over
// an object leaves that object out of the index.
func (r *Resource[O]) AddIndex(name string, values func(O) []string) {
	err := r.informer.AddIndexers(cache.Indexers{name: func(o any) (found []string, _ error) {
		defer RecoverPanic(r.String(), o)
		return values(r.object(o)), nil
	}})
	if err != nil {
		panic(err)
	}
}

// Watch adds a handler for the kind's events. It must be called before the
// informer runs.
func (r *Resource[O]) Watch(handler Handler[O]) error {
	r.handlers = append(r.handlers, handler)
	return r.listen()
}

// listen has the handlers, those that come later too, receive events.
func (r *Resource[O]) listen() (err error) {
	if !r.listening {
		r.listening = true
		r.registration, err = r.informer.AddEventHandler(eventHandler[O]{r})
	}
	return err
}

// HasSynced returns whether the cache holds the whole first list, and the counters have
// counted it, or the kind is not served at all.
func (r *Resource[O]) HasSynced() bool {
	return (r.informer.HasSynced() && r.counted()) || r.Absent()
}

func sortedByName[O Object](found map[cache.ObjectName]O) []O {
	list := make([]O, 0, len(found))
	for _, o := range found {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b O) int {
		if c := strings.Compare(a.GetNamespace(), b.GetNamespace()); c != 0 {
			return c
		}
		return strings.Compare(a.GetName(), b.GetName())
	})
	return list
}
