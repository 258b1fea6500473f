package engine

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// Parent is a custom resource as the engine sees it.
type Parent interface {
	xosv1.Object
}

// Kind describes one kind of custom resource to the engine.
type Kind[T Parent] struct {
	// Resource is the custom resource itself.
	Resource *Custom[T]
	// References are the kinds that it refers to: their events enqueue it.
	References []Reference[T]
	// Owns are the kinds of native objects that its plans may contain. They
	// are watched, and what a plan no longer contains is deleted.
	Owns []Owned
	// Namespace is where the object's native objects go, as its trust domain says
	// now, whether or not the domain admits the object; empty where that is not
	// known. Nil means the object's own namespace.
	Namespace func(object T) string
	// Governed returns whether the namespace above is the trust domain's to have objects
	// in: where it is not any more, what is refused there is left to others. Nil means
	// that it always is.
	Governed func(object T) bool
	// Names returns whether the plans of an object may contain a native object of
	// this kind and name. Nil means the object's own name alone.
	Names func(object T, kind schema.GroupKind, name string) bool
	// Adoption is what the object's trust domain allows to be adopted. Nil means
	// nothing but what consents by itself.
	Adoption func(object T) xosv1.DomainAdoption
	// Plan makes the wanted native objects out of the custom resource and what
	// it refers to. It reads caches only. The error of a missing or unusable
	// reference is one of verdict's.
	Plan func(object T, plan *Plan[T]) error
	// InUse returns who still needs what an object owns, and for how long at most
	// its end has to wait for that; 0 where nobody does. An object in use is held
	// by the finalizer. Nil means that none ever is.
	InUse func(object T, now time.Time) (by string, wait time.Duration)
	// Enforce, where not nil, is called at the start of each pass over a name,
	// whatever the object's lifecycle says and also where no object has the name.
	// It takes away what nobody may have any more, such as rights. It reads caches
	// and writes only where there is something to take away.
	Enforce func(ctx context.Context, name cache.ObjectName) error
	// Gather is for how long a new object waits before its first pass, so that what
	// was applied along with it is there too; 0 where that makes no difference. Nil
	// means that it never does.
	Gather func(object T) time.Duration
	// External, where not nil, does what the plan's children do otherwise.
	External External[T]
	// PullKeepsInventory leaves the status of objects that are not managed to
	// the pull, which knows more of them than a plan could.
	PullKeepsInventory bool
}

// Owned is a kind of native object as the loop needs it for watching, pruning
// and cleaning up; every *Native is one.
type Owned interface {
	Cache
	// watch calls enqueue with the owner of each object that changed.
	watch(enqueue func(Owner)) error
	// ownedBy lists what is marked as this owner's, by its UID alone.
	ownedBy(uid types.UID) []belonging
	// ask reads one object from the server; nil where it is not there, or not
	// marked.
	ask(ctx context.Context, name cache.ObjectName) (*belonging, error)
	// kind is the kind of the objects.
	kind() schema.GroupVersionKind
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

func (n *Native[O, A]) watch(enqueue func(Owner)) error {
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

func (n *Native[O, A]) ownedBy(uid types.UID) []belonging {
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
			adopted: isAdopted(o) && !n.unreleased, protected: n.protected(name), terminating: n.Terminating(o), held: n.held(o),
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

func (n *Native[O, A]) ask(ctx context.Context, name cache.ObjectName) (*belonging, error) {
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

func (n *Native[O, A]) kind() schema.GroupVersionKind { return n.Kind }
