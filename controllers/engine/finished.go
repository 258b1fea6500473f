package engine

import (
	"sync"

	"k8s.io/client-go/tools/cache"
)

// finished remembers the objects that have done what they are for and that the cluster
// then deletes by itself, as it does with a Job that has a time to live: the last of each
// name, until a custom resource has noted it in its status. A pass may come only when
// such an object is gone, for which nothing tells any more that it was done and not lost.
type finished[O Object] struct {
	// is says whether an object is such a one; nil for kinds that have none.
	is func(O) bool

	mu   sync.Mutex
	seen map[cache.ObjectName]O
}

// Finishes says which objects of the kind are finished: the cluster deletes them then by
// itself.
func (n *Native[O, A]) Finishes(is func(O) bool) *Native[O, A] {
	n.finished.is, n.finished.seen = is, map[cache.ObjectName]O{}
	return n
}

// note remembers an object that a watch shows, if it is finished. Any other has the name
// now for itself.
func (f *finished[O]) note(o O) {
	if f.is == nil {
		return
	}
	name := cache.MetaObjectToName(o)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.is(o) {
		f.seen[name] = o
	} else {
		delete(f.seen, name)
	}
}

// of returns the object that finished as what has this fingerprint.
func (f *finished[O]) of(name cache.ObjectName, fingerprint string) (last O, found bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, found = f.seen[name]
	return last, found && Fingerprint(last) == fingerprint
}

// forget drops what was noted elsewhere by now.
func (f *finished[O]) forget(name cache.ObjectName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.seen, name)
}
