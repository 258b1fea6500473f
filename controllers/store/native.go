package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Client is the part of a generated client that is used.
type Client[O, A any] interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (O, error)
	Create(ctx context.Context, object O, opts metav1.CreateOptions) (O, error)
	Apply(ctx context.Context, configuration A, opts metav1.ApplyOptions) (O, error)
	Patch(ctx context.Context, name string, kind types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (O, error)
	Delete(ctx context.Context, name string, opts metav1.DeleteOptions) error
}

// Native is a kind of object that custom resources own: read from the cache,
// written through the generated client.
type Native[O Object, A ownership.Configuration[A]] struct {
	*Resource[O]
	// client is the client for a namespace; "" for cluster-scoped kinds.
	client func(namespace string) Client[O, A]
	// only, where not nil, limits what the kind is read as to some of the cached objects.
	only func(o metav1.Object) bool
	// protected names objects that are never deleted, however we came by them.
	protected func(name cache.ObjectName) bool
	// adoption selects which objects may be adopted.
	adoption ownership.AdoptionRule
	// opened returns whether the fence lets the manager write in a namespace.
	opened func(namespace string) bool
	// answers holds, by name, what our last write of an object has come back with,
	// where that is not what was asked for.
	answers map[cache.ObjectName]answer
	// asWanted holds, by name, the version of an object that was found to be as wanted.
	asWanted map[cache.ObjectName]uint64
	finished finished[O]
	// kept holds, by name, what objects keep though it is declared no longer.
	kept KeptFields[cache.ObjectName]
	// selected is true where others select objects of the kind by our labels.
	selected bool
	// unreleased is true where objects of the kind are deleted where others would be
	// released.
	unreleased bool
	// awaits has owners stay until their objects of this kind have ended, and remains
	// returns, in the object's own words, what its end waits for. See Await.
	awaits  bool
	remains func(o O) string
}

// NewNative describes a kind of owned object. client is the generated client's
// method for a namespace (see ClusterScoped for kinds without). The informer may
// be limited to the objects that carry our label: the server is asked
// where a name is taken by something that the cache does not show. It panics
// where the informer already runs, which the first start of a program shows.
func NewNative[O Object, A ownership.Configuration[A], C Client[O, A]](
	kind schema.GroupVersionKind, plural string, informer cache.SharedIndexInformer, client func(namespace string) C,
) *Native[O, A] {
	n := &Native[O, A]{
		Resource:  NewResource[O](kind, plural, informer),
		client:    func(namespace string) Client[O, A] { return client(namespace) },
		protected: func(cache.ObjectName) bool { return false },
		opened:    func(string) bool { return false },
		answers:   map[cache.ObjectName]answer{},
		asWanted:  map[cache.ObjectName]uint64{},
	}
	n.ended = func(name cache.ObjectName, uid types.UID) {
		if n.answers[name].uid == uid {
			delete(n.answers, name)
		}
		delete(n.asWanted, name)
		n.kept.Forget(name, uid)
	}
	n.AddIndex(ownerUIDIndex, func(o O) []string {
		if !n.reads(o) {
			return nil
		}
		return ownership.OwnerUIDs(o, kind.GroupKind())
	})
	return n
}

// Only has the kind read as if the cache held nothing but some of its objects: the others
// are there for readers of the Resource, and cached in part.
func (n *Native[O, A]) Only(some func(o metav1.Object) bool) *Native[O, A] {
	n.only = some
	return n
}

func (n *Native[O, A]) reads(o O) bool { return n.only == nil || n.only(o) }

// Get returns the newest version that we know of. It must not be changed.
func (n *Native[O, A]) Get(name cache.ObjectName) (O, bool) {
	o, ok := n.Resource.Get(name)
	if !ok || !n.reads(o) {
		var none O
		return none, false
	}
	return o, true
}

// ClusterScoped makes a generated client's method for a kind without namespaces
// look like one for a kind with.
func ClusterScoped[C any](client func() C) func(namespace string) C {
	return func(string) C { return client() }
}

// OpenedBy says which namespaces are open to the manager, for its fence, as far as is known
// here: the API server may know later.
func (n *Native[O, A]) OpenedBy(opened func(namespace string) bool) *Native[O, A] {
	n.opened = opened
	return n
}

// Opened returns whether the fence lets the manager write in a namespace.
func (n *Native[O, A]) Opened(namespace string) bool { return n.opened(namespace) }

// Protect names the objects that are never deleted, and so only ever released.
func (n *Native[O, A]) Protect(protected func(name cache.ObjectName) bool) *Native[O, A] {
	n.protected = protected
	return n
}

// NeverRelease has objects of the kind deleted wherever those of another kind would
// be released: nothing of theirs may outlive the owner that answers for it.
func (n *Native[O, A]) NeverRelease() *Native[O, A] {
	n.unreleased = true
	return n
}

// SelectedByLabels has objects of the kind keep the labels that we give them when they
// are released: what selects them would lose them otherwise.
func (n *Native[O, A]) SelectedByLabels() *Native[O, A] {
	n.selected = true
	return n
}

// Await has owners stay until their objects of the kind have ended, also where the
// garbage collector would see to that: an end that takes long would be out of sight
// otherwise. remains returns what the end of such an object waits for, as far as the
// object itself shows it.
func (n *Native[O, A]) Await(remains func(o O) string) *Native[O, A] {
	n.awaits, n.remains = true, remains
	return n
}

// HeldBy is what holds up the end of an object, for a person: empty where it is not
// being deleted, or nothing is known to.
func (n *Native[O, A]) HeldBy(o O) string {
	if o.GetDeletionTimestamp() == nil {
		return ""
	}
	remains := ""
	if n.remains != nil {
		remains = n.remains(o)
	}
	return observe.HeldBy(o, remains)
}

// IsProtected returns whether an object is never deleted.
func (n *Native[O, A]) IsProtected(name cache.ObjectName) bool { return n.protected(name) }

// AdoptionRule returns the rule for the adoption of objects of the kind.
func (n *Native[O, A]) AdoptionRule() ownership.AdoptionRule { return n.adoption }

// Awaited returns whether owners stay until their objects of the kind have ended.
func (n *Native[O, A]) Awaited() bool { return n.awaits }

// KeptBy reports the fields that an object keeps for other managers though they are
// declared no longer; empty where there are none.
func (n *Native[O, A]) KeptBy(name cache.ObjectName, uid types.UID, applied string) string {
	return n.kept.Message(name, uid, applied)
}

// Delete deletes this very object, unless its deletion is under way already.
func (n *Native[O, A]) Delete(ctx context.Context, o O) error {
	if n.Terminating(o) {
		return nil
	}
	return n.DeleteExactly(ctx, o, metav1.DeletePropagationBackground, true)
}

// Read asks the server. Only where a refused write leaves no other way to know.
func (n *Native[O, A]) Read(ctx context.Context, name cache.ObjectName) (O, error) {
	o, err := n.client(name.Namespace).Get(ctx, name.Name, metav1.GetOptions{})
	if err != nil {
		return o, fmt.Errorf("get %s %s: %w", n.Kind.Kind, name, apistatus.Redact(err, nil))
	}
	return o, nil
}

// OtherWriters are the other managers of fields of an object, as far as the server can be
// asked: the cache does not keep them.
func (n *Native[O, A]) OtherWriters(ctx context.Context, o O, fields []managedfields.Path) []string {
	current, err := n.Read(ctx, cache.MetaObjectToName(o))
	if err != nil {
		return nil
	}
	return managedfields.Writers(current.GetManagedFields(), xosv1.FieldManager, fields)
}

// Create sends an encoded configuration, with its fingerprint, as a new object:
// cheaper for the server than an apply that creates.
func (n *Native[O, A]) Create(ctx context.Context, name cache.ObjectName, want []byte, fingerprint string) (O, error) {
	object := reflect.New(reflect.TypeFor[O]().Elem()).Interface().(O)
	if err := json.Unmarshal(want, object); err != nil {
		return object, fmt.Errorf("decode %s %s: %w", n.Kind.Kind, name, err)
	}
	object.GetAnnotations()[xosv1.AppliedAnnotation] = fingerprint // beside the tracking annotation, so there is a map
	o, err := n.client(name.Namespace).Create(ctx, object, metav1.CreateOptions{FieldManager: xosv1.FieldManager})
	if err != nil {
		return o, fmt.Errorf("create %s %s: %w", n.Kind.Kind, name, shown(err, object))
	}
	n.ObserveWrite(ReconcilerWriter, o)
	return o, nil
}

// Apply sends a configuration for an object that exists, as it was last seen. Without force a field
// of another manager makes it fail, and the error names field and manager.
func (n *Native[O, A]) Apply(ctx context.Context, name cache.ObjectName, want A, live O, force bool) (O, error) {
	o, err := n.client(name.Namespace).Apply(ctx, want, metav1.ApplyOptions{FieldManager: xosv1.FieldManager, Force: force})
	if err != nil {
		return o, fmt.Errorf("apply %s %s: %w", n.Kind.Kind, name, shown(err, want))
	}
	_, before := claimIn(live)
	_, after := claimIn(o)
	n.kept.Note(name, n.Kind.Kind+" "+name.String(), ownership.Fingerprint(o), xosv1.FieldManager, before, after, o)
	n.ObserveWrite(ReconcilerWriter, o)
	return o, nil
}

// shown is the server's answer to a write, without what was sent.
func shown(err error, sent any) error {
	content := map[string]any{}
	if data, encodeErr := json.Marshal(sent); encodeErr == nil {
		_ = json.Unmarshal(data, &content) // of one that can't be read nothing is known
	}
	return apistatus.Redact(err, content)
}

// DeleteExactly ends this very object: not one that has taken its name since, and where
// exactly is set, not one that was changed since we read it: the annotation or reference
// that made us delete it may be gone. Gone already is as good as done; a conflict is
// not: the next pass decides by what the cache shows then. Background leaves what the
// object owns to the garbage collector, Foreground keeps the object until that is gone.
func (n *Native[O, A]) DeleteExactly(ctx context.Context, o O, propagation metav1.DeletionPropagation, exactly bool) error {
	version := ""
	if exactly {
		version = o.GetResourceVersion()
	}
	err := n.client(o.GetNamespace()).Delete(ctx, o.GetName(), deleteOptions(o.GetUID(), version, &propagation))
	switch {
	case apierrors.IsNotFound(err):
		return nil // with its namespace or kind, or without
	case apierrors.IsConflict(err):
		return outcome.Retry(xosv1.ReasonConflict, "%s %s changed while it was to be deleted: trying again", n.Kind.Kind, cache.MetaObjectToName(o))
	case err != nil:
		return fmt.Errorf("delete %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), apistatus.Redact(err, nil))
	}
	n.deleting(o)
	return nil
}

// AdoptBy sets the rule for the adoption of such objects.
func (n *Native[O, A]) AdoptBy(rule ownership.AdoptionRule) *Native[O, A] {
	n.adoption = rule
	return n
}

const ownerUIDIndex = "xos-owner-uid"
