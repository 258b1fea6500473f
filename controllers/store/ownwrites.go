package store

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"
)

// ownWrite is the newest of our writes of an object, and whose it was.
type ownWrite[O Object] struct {
	object O
	writer Writer
}

// writeID names a write that is under way: a writer has one at a time of an object.
type writeID struct {
	writer Writer
	object cache.ObjectName
}

// PendingWrites holds, for each write whose answer is still to come, the versions of the
// object that a watch has shown meanwhile. Until the answer it is not known whether such a
// version is that write or something else. The zero value is ready to use; it has no lock.
type PendingWrites[K comparable] struct{ shown map[K][]string }

// Begin announces a write of an object.
func (w *PendingWrites[K]) Begin(object K) {
	if w.shown == nil {
		w.shown = map[K][]string{}
	}
	w.shown[object] = []string{}
}

// Hold holds a version back that a watch shows, and returns false where no write of the
// object is under way.
func (w *PendingWrites[K]) Hold(object K, version string) bool {
	shown, pending := w.shown[object]
	if pending {
		w.shown[object] = append(shown, version)
	}
	return pending
}

// End says how a write ended, with the version that it created, or none. It returns whether a
// version was held back that is anything else.
func (w *PendingWrites[K]) End(object K, version string) (missed bool) {
	shown := w.shown[object]
	delete(w.shown, object)
	return slices.ContainsFunc(shown, func(v string) bool { return v != version })
}

// deletion is an object whose deletion the server accepted, and when.
type deletion struct {
	uid types.UID
	at  time.Time
}

// AcceptedDeletionTTL is how long an accepted deletion counts without the cache showing
// it. A watch shows it within milliseconds; where it does not, the object may have
// been kept by something that we do not know of, and the deletion is sent again.
const AcceptedDeletionTTL = 30 * time.Second

// ObserveWrite records the server's answer to a write of a writer's. Answers may arrive
// in another order than the writes took effect: an earlier version never replaces a
// later one.
func (r *Resource[O]) ObserveWrite(writer Writer, o O) {
	Trim(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	name := cache.MetaObjectToName(o)
	if had, ok := r.written[name]; (ok && newer(had.object, o)) || r.caughtUp(o) {
		return
	}
	r.written[name] = ownWrite[O]{o, writer}
}

// beginWrite announces a write: until its end, it is not known whether an event of the
// object shows that write or something else, so that events are held back from the
// writer, and from no other.
func (r *Resource[O]) beginWrite(writer Writer, name cache.ObjectName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending.Begin(writeID{writer, name})
}

// endWrite records how a write ended, with the version that it created, or none. It returns
// whether an event was held back that shows anything else.
func (r *Resource[O]) endWrite(writer Writer, name cache.ObjectName, version string) (missed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pending.End(writeID{writer, name}, version)
}

// deleting records that the server accepted the deletion of this very object,
// unless the cache has seen its end already.
func (r *Resource[O]) deleting(o O) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := cache.MetaObjectToName(o)
	cached, ok, _ := r.indexer.GetByKey(name.String())
	own, written := r.written[name]
	if (ok && r.object(cached).GetUID() == o.GetUID()) || (written && own.object.GetUID() == o.GetUID()) {
		r.deleted[name] = deletion{o.GetUID(), r.clock.Now()}
	}
}

// Terminating returns whether an object is on its way out: it has a deletion timestamp,
// or was deleted by us while the cache does not show it yet. The latter counts for
// AcceptedDeletionTTL.
func (r *Resource[O]) Terminating(o O) bool {
	if o.GetDeletionTimestamp() != nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.deleted[cache.MetaObjectToName(o)]
	return ok && d.uid == o.GetUID() && r.clock.Since(d.at) < AcceptedDeletionTTL
}

// writersOf returns the writers to whom an event of an object shows nothing but a write
// of their own, or may (then endWrite decides), which they have already taken into account.
// It is asked once for each event, however many handlers receive it.
func (r *Resource[O]) writersOf(o O) (own []Writer) {
	name := cache.MetaObjectToName(o)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, writer := range writers {
		if r.pending.Hold(writeID{writer, name}, o.GetResourceVersion()) {
			own = append(own, writer)
		}
	}
	write, found := r.written[name]
	if found && write.object.GetResourceVersion() == o.GetResourceVersion() && !slices.Contains(own, write.writer) {
		delete(r.written, name)
		own = append(own, write.writer)
	}
	return own
}

// ForgetDeleted forgets what was kept of an object that the cache saw end.
func (r *Resource[O]) ForgetDeleted(o metav1.Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := cache.MetaObjectToName(o)
	if r.deleted[name].uid == o.GetUID() {
		delete(r.deleted, name)
	}
	if own, found := r.written[name]; found && own.object.GetUID() == o.GetUID() {
		delete(r.written, name)
	}
	if r.ended != nil {
		r.ended(name, o.GetUID())
	}
}

// caughtUp returns whether the store has seen the version of an object, or a later one.
func (r *Resource[O]) caughtUp(o O) bool {
	seen := r.indexer.LastStoreSyncResourceVersion()
	order, err := resourceversion.CompareResourceVersion(seen, o.GetResourceVersion())
	return err == nil && order >= 0
}

// newer is LaterVersion of two objects.
func newer[O Object](one, other O) bool {
	return LaterVersion(one.GetResourceVersion(), other.GetResourceVersion())
}

// LaterVersion returns whether the server made one version of an object after another. Of
// versions that can't be compared none is later.
func LaterVersion(one, other string) bool {
	order, err := resourceversion.CompareResourceVersion(one, other)
	return err == nil && order > 0
}
