package store

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Owned is a kind of native object as the loop needs it for watching, pruning
// and cleaning up; every *Native is one.
type Owned interface {
	Cache
	// WatchOwners calls enqueue with the owner of each object that changed.
	WatchOwners(enqueue func(ownership.Owner)) error
	// OwnedBy lists what is tracked as this owner's, by its UID alone.
	OwnedBy(uid types.UID) []OwnedObject
	// ReadOwned reads one object from the server; nil where it is not there, or not
	// tracked.
	ReadOwned(ctx context.Context, name cache.ObjectName) (*OwnedObject, error)
	// GroupVersionKind is the kind of the objects.
	GroupVersionKind() schema.GroupVersionKind
}

// OwnedObject is one native object that carries an owner's tracking annotation. Whether it is that
// owner's see controller.owned.
type OwnedObject struct {
	Kind  schema.GroupKind
	Name  cache.ObjectName
	Owner ownership.Owner
	// Handle is the object's API path.
	Handle    string
	Adopted   bool
	Protected bool
	// Terminating is true where its deletion is under way, and held what holds that up.
	Terminating bool
	Held        string
	// CollectedWith returns whether the garbage collector deletes it when the owner
	// with this UID ends.
	CollectedWith func(types.UID) bool
	// Consented returns whether it may be adopted, and so deleted though it was
	// there before.
	Consented func(xosv1.DomainAdoption) bool
	// Delete ends it; release gives it up and leaves it; disown does the latter by
	// one blind patch.
	Delete  func(context.Context, metav1.DeletionPropagation) error
	Release func(context.Context) error
	Disown  func(context.Context) error
}

// WatchOwners calls enqueue with the owner of each object that changed by another writer
// than the reconcilers. It must be called before the informer runs.
func (n *Native[O, A]) WatchOwners(enqueue func(ownership.Owner)) error {
	notify := func(o O) {
		if owner, ok := ownership.OwnerOf(o, n.Kind.GroupKind()); ok {
			enqueue(owner)
		}
	}
	return n.Watch(Handler[O]{
		Writer: ReconcilerWriter,
		Add: func(o O, own bool) {
			n.noteFinished(o)
			if !own {
				notify(o)
			}
		},
		Update: func(before, after O, own bool) {
			n.noteFinished(after)
			if own || before.GetResourceVersion() == after.GetResourceVersion() {
				return
			}
			notify(before) // whose tracking annotation may just have been removed
			notify(after)
		},
		Delete: func(last O, _ bool) {
			n.ForgetDeleted(last)
			notify(last)
		},
	})
}

// OwnedBy returns the objects whose tracking metadata names an owner, by its UID alone.
func (n *Native[O, A]) OwnedBy(uid types.UID) []OwnedObject {
	return n.ownedObjects(n.ByIndex(ownerUIDIndex, string(uid)))
}

// ownedObjects leaves out what another client's controller has made its own.
func (n *Native[O, A]) ownedObjects(objects []O) []OwnedObject {
	list := make([]OwnedObject, 0, len(objects))
	for _, o := range objects {
		owner, tracked := ownership.OwnerOf(o, n.Kind.GroupKind())
		if ref := metav1.GetControllerOfNoCopy(o); !tracked || (ref != nil && !ownership.RefersTo(ref, owner)) {
			continue
		}
		name := cache.MetaObjectToName(o)
		list = append(list, OwnedObject{
			Kind: n.Kind.GroupKind(), Name: name, Owner: owner,
			Handle:  observe.Handle(n.Kind.GroupVersion().String(), n.Plural, name.Namespace, name.Name),
			Adopted: ownership.IsAdopted(o) && !n.unreleased, Protected: n.protected(name), Terminating: n.Terminating(o), Held: n.HeldBy(o),
			CollectedWith: func(uid types.UID) bool { return ownership.CollectedWith(o, uid) },
			Consented:     func(policy xosv1.DomainAdoption) bool { return n.adoption.Allows(o, policy) },
			Delete: func(ctx context.Context, p metav1.DeletionPropagation) error {
				return n.DeleteExactly(ctx, o, p, true)
			},
			Release: func(ctx context.Context) error {
				if n.unreleased {
					return n.Delete(ctx, o)
				}
				return n.release(ctx, o)
			},
			Disown: func(ctx context.Context) error { return n.disown(ctx, o) },
		})
	}
	return list
}

// ReadOwned reads one object from the server. It returns nil if the object does not exist
// or has no owner.
func (n *Native[O, A]) ReadOwned(ctx context.Context, name cache.ObjectName) (*OwnedObject, error) {
	o, err := n.Read(ctx, name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n.ObserveWrite(ReconcilerWriter, o) // what the server has shown counts until the cache has caught up
	for _, b := range n.ownedObjects([]O{o}) {
		return &b, nil
	}
	return nil, nil
}

// GroupVersionKind is the kind of the objects.
func (n *Native[O, A]) GroupVersionKind() schema.GroupVersionKind { return n.Kind }
