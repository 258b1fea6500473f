package store

import (
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/lru"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// finished remembers the objects of ours that have done what they are for and that the
// cluster then deletes by itself, as it does with a Job that has a time to live: the last
// of each name, until a custom resource has noted it in its status. A pass may come only
// when such an object is gone, and nothing shows any more that it was done and not
// lost.
type finished[O Object] struct {
	// is reports whether an object is such a one; nil for kinds that have none.
	is func(O) bool
	// seen are the last ones, by name.
	seen *lru.Cache
}

// manyFinished is more than the objects that finish before a pass comes to their owners.
const manyFinished = 1024

// Finishes sets which objects of the kind are finished: the cluster deletes them then by
// itself.
func (n *Native[O, A]) Finishes(is func(O) bool) *Native[O, A] {
	n.finished = finished[O]{is, lru.New(manyFinished)}
	return n
}

// noteFinished remembers an object that a watch shows, if it is finished. Any other has
// the name now for itself.
func (n *Native[O, A]) noteFinished(o O) {
	f := n.finished
	if f.is == nil {
		return
	}
	name := cache.MetaObjectToName(o)
	if _, ours := ownership.OwnerOf(o, n.Kind.GroupKind()); ours && f.is(o) {
		f.seen.Add(name, o)
	} else {
		f.seen.Remove(name)
	}
}

// FinishedAs returns the object that finished as what has this fingerprint.
func (n *Native[O, A]) FinishedAs(name cache.ObjectName, fingerprint string) (last O, found bool) {
	f := n.finished
	if f.is == nil {
		return last, false
	}
	if seen, ok := f.seen.Get(name); ok {
		last, _ = seen.(O)
		return last, ownership.Fingerprint(last) == fingerprint
	}
	return last, false
}

// ForgetFinished drops an object that a custom resource has noted by now.
func (n *Native[O, A]) ForgetFinished(name cache.ObjectName) {
	if n.finished.is != nil {
		n.finished.seen.Remove(name)
	}
}
