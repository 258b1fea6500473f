package reconciler

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Kind describes one kind of custom resource to the reconciler.
type Kind[T store.CustomObject] struct {
	// Resource is the custom resource itself.
	Resource *store.Custom[T]
	// References are the kinds that it refers to: their events enqueue it.
	References []Reference[T]
	// Owns are the kinds of native objects that its plans may contain. They are watched, and
	// objects that a plan no longer contains are deleted.
	Owns []store.Owned
	// Namespace returns the target namespace of the object's native objects according to its
	// current trust domain, whether or not the domain admits the object; "" if unknown. Nil means
	// the object's own namespace.
	Namespace func(object T) string
	// Manages returns whether a managed trust domain has that namespace: if not, what is
	// refused there is left behind. Nil means that it always has.
	Manages func(object T) bool
	// Names returns whether the plans of an object may contain a native object of
	// this kind and name. Nil means the object's own name alone.
	Names func(object T, kind schema.GroupKind, name string) bool
	// Adoption returns what the object's trust domain allows to be adopted. Nil means only what
	// consents by itself.
	Adoption func(object T) xosv1.DomainAdoption
	// Plan computes the desired native objects from the custom resource and what it refers to. It
	// reads caches only. The error of a missing or unusable reference is an outcome.Outcome.
	Plan func(object T, plan *Plan[T]) error
	// InUse returns which object still needs what this one owns, and for how long at most its
	// deletion has to wait; 0 if none does. An object in use has the finalizer. Nil means that
	// none ever is in use.
	InUse func(object T, now time.Time) (by string, wait time.Duration)
	// Enforce, if not nil, is called at the start of each pass over a name, whatever the object's
	// lifecycle says and also if no object has the name. It revokes what is not allowed any more,
	// such as rights. It reads caches and writes only to revoke something.
	Enforce func(ctx context.Context, name cache.ObjectName) error
	// Debounce returns how long a new object waits before its first pass, so that what was applied
	// with it is there too; 0 if it need not wait. Nil means that it never does.
	Debounce func(object T) time.Duration
	// Custom, if not nil, reconciles the object instead of the plan's children.
	Custom CustomReconciler[T]
	// PullKeepsInventory leaves the status of unmanaged objects to the pull, which observes more
	// of them than a plan does.
	PullKeepsInventory bool
}
