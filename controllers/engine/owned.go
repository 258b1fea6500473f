package engine

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// Owned is a kind of native object as the loop needs it for watching, pruning
// and cleaning up; every *Native is one.
type Owned interface {
	Cache
	// WatchOwners calls enqueue with the owner of each object that changed.
	WatchOwners(enqueue func(Owner)) error
	// OwnedBy lists what is marked as this owner's, by its UID alone.
	OwnedBy(uid types.UID) []belonging
	// ReadOwned reads one object from the server; nil where it is not there, or not
	// marked.
	ReadOwned(ctx context.Context, name cache.ObjectName) (*belonging, error)
	// GroupVersionKind is the kind of the objects.
	GroupVersionKind() schema.GroupVersionKind
}

// belonging is one native object that carries an owner's mark. Whether it is that
// owner's see controller.owned.
type belonging struct {
	kind  schema.GroupKind
	name  cache.ObjectName
	owner Owner
	// handle is the object's API path.
	handle    string
	adopted   bool
	protected bool
	// terminating says that its deletion is under way, and held what holds that up.
	terminating bool
	held        string
	// collectedWith returns whether the garbage collector deletes it when the owner
	// with this UID ends.
	collectedWith func(types.UID) bool
	// consented returns whether it may be adopted, and so deleted though it was
	// there before.
	consented func(xosv1.DomainAdoption) bool
	// delete ends it; release gives it up and leaves it; disown does the latter by
	// one blind patch.
	delete  func(context.Context, metav1.DeletionPropagation) error
	release func(context.Context) error
	disown  func(context.Context) error
}

func (n *Native[O, A]) WatchOwners(enqueue func(Owner)) error {
	notify := func(o O) {
		if owner, ok := OwnerOf(o, n.Kind.GroupKind()); ok {
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
			notify(before) // whose mark may just have been taken off
			notify(after)
		},
		Delete: func(last O, _ bool) {
			n.gone(last)
			notify(last)
		},
	})
}

func (n *Native[O, A]) OwnedBy(uid types.UID) []belonging {
	return n.belongings(n.ByIndex(ownerUIDIndex, string(uid)))
}

// belongings leaves out what another client's controller has made its own.
func (n *Native[O, A]) belongings(objects []O) []belonging {
	list := make([]belonging, 0, len(objects))
	for _, o := range objects {
		owner, marked := OwnerOf(o, n.Kind.GroupKind())
		if ref := metav1.GetControllerOfNoCopy(o); !marked || (ref != nil && !refersTo(ref, owner)) {
			continue
		}
		name := cache.MetaObjectToName(o)
		list = append(list, belonging{
			kind: n.Kind.GroupKind(), name: name, owner: owner,
			handle:  verdict.Handle(n.Kind.GroupVersion().String(), n.Plural, name.Namespace, name.Name),
			adopted: ownership.IsAdopted(o) && !n.unreleased, protected: n.protected(name), terminating: n.Terminating(o), held: n.held(o),
			collectedWith: func(uid types.UID) bool { return collectedWith(o, uid) },
			consented:     func(policy xosv1.DomainAdoption) bool { return n.adoption.Allows(o, policy) },
			delete: func(ctx context.Context, p metav1.DeletionPropagation) error {
				return n.delete(ctx, o, p, true)
			},
			release: func(ctx context.Context) error {
				if n.unreleased {
					return n.Delete(ctx, o)
				}
				return n.release(ctx, o)
			},
			disown: func(ctx context.Context) error { return n.disown(ctx, o) },
		})
	}
	return list
}

func (n *Native[O, A]) ReadOwned(ctx context.Context, name cache.ObjectName) (*belonging, error) {
	o, err := n.get(ctx, name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n.ObserveWrite(ReconcilerWriter, o) // what the server has shown counts until the cache has caught up
	for _, b := range n.belongings([]O{o}) {
		return &b, nil
	}
	return nil, nil
}

func (n *Native[O, A]) GroupVersionKind() schema.GroupVersionKind { return n.Kind }
