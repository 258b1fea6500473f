package reconciler

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Kind describes one kind of custom resource to the engine.
type Kind[T store.CustomObject] struct {
	// Resource is the custom resource itself.
	Resource *store.Custom[T]
	// References are the kinds that it refers to: their events enqueue it.
	References []Reference[T]
	// Owns are the kinds of native objects that its plans may contain. They
	// are watched, and what a plan no longer contains is deleted.
	Owns []store.Owned
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
	// Debounce is for how long a new object waits before its first pass, so that what
	// was applied along with it is there too; 0 where that makes no difference. Nil
	// means that it never does.
	Debounce func(object T) time.Duration
	// External, where not nil, does what the plan's children do otherwise.
	Custom CustomReconciler[T]
	// PullKeepsInventory leaves the status of objects that are not managed to
	// the pull, which knows more of them than a plan could.
	PullKeepsInventory bool
}
