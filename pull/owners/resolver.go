package owners

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=replicationcontrollers,verbs=get

// Resolver reads the metadata of what stands above pods: kinds of Kubernetes' own
// from caches, all others by a request whose answer is kept for a while.
type Resolver struct {
	client metadata.Interface
	kinds  *kinds.Kinds
	scales scales

	ServiceAccounts *store.Resource[*corev1.ServiceAccount]
	nodes           *store.Resource[*corev1.Node]
	// Controllers are the kinds that control pods or each other.
	Controllers map[schema.GroupKind]ControllerKind

	// answers are those to single requests, by all fields of the reference to the owner:
	// one pod's reference does not affect another pod that names the same UID.
	answers *utilcache.LRUExpireCache
}

const (
	// answerKept and refusalKept are how long an answer stands: a label may
	// change, a kind may be installed, a right be granted.
	answerKept  = 5 * time.Minute
	refusalKept = time.Minute
	manyAnswers = 4096
)

// ByController finds objects by the UID of the owner that controls them.
const ByController = "pull-owner"

// New returns the resolver of a cluster, whose caches must not have been started.
func New(c *cluster.Cluster, clock clock.PassiveClock) *Resolver {
	n := &Resolver{
		client: c.Metadata, ServiceAccounts: c.ServiceAccounts.Resource, nodes: c.Nodes,
		kinds:       c.Kinds,
		scales:      newScales(c.Kubernetes.Discovery().RESTClient(), clock),
		Controllers: controllerKinds(c),
		answers:     utilcache.NewLRUExpireCacheWithClock(manyAnswers, clock),
	}
	return n
}

// ControllerUID is the index function of ByController.
func ControllerUID[O metav1.Object](o O) []string {
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		return []string{string(ref.UID)}
	}
	return nil
}

// Read reads an owner in this cluster.
func (n *Resolver) Read(ctx context.Context, namespace string, ref metav1.OwnerReference) (metav1.Object, bool, error) {
	of := mirroredBy(&ref, namespace)
	if o, ok := n.cached(of); ok && o.GetUID() == ref.UID {
		return o, true, nil
	}
	// Of another kind, or newer than the cache, or gone.
	if kept, ok := n.answers.Get(of); ok {
		o := kept.(*metav1.PartialObjectMetadata)
		return o, o != nil, nil
	}
	o, err := n.get(ctx, of)
	if err != nil {
		return nil, false, err
	}
	if o == nil || o.UID != ref.UID {
		n.answers.Add(of, (*metav1.PartialObjectMetadata)(nil), refusalKept)
		return nil, false, nil
	}
	n.answers.Add(of, o, answerKept)
	return o, true, nil
}

func (n *Resolver) cached(of ownership.Mirrored) (metav1.Object, bool) {
	switch kind := of.Kind.GroupKind(); {
	case kind == record.NodeKind.GroupKind():
		o, ok := n.nodes.Get(cache.NewObjectName("", of.Name.Name))
		return o, ok
	case kind == record.ServiceAccountKind.GroupKind():
		o, ok := n.ServiceAccounts.Get(of.Name)
		return o, ok
	}
	return n.cachedController(of)
}

// cachedController is what the caches hold of a controller.
func (n *Resolver) cachedController(of ownership.Mirrored) (metav1.Object, bool) {
	kind, ok := n.Controllers[of.Kind.GroupKind()]
	if !ok {
		return nil, false
	}
	return kind.Get(of.Name)
}

// Exists returns whether a mirrored object is still there. That it is gone is only
// believed if the server says so: a cache may be behind. What can't be read
// counts as gone, since nothing shows otherwise.
func (n *Resolver) Exists(ctx context.Context, of ownership.Mirrored) (bool, error) {
	same := func(o metav1.Object) bool { return of.UID == "" || o.GetUID() == of.UID }
	if o, ok := n.cached(of); ok && same(o) {
		return true, nil
	}
	o, err := n.get(ctx, of)
	if err != nil {
		return false, err
	}
	return o != nil && same(o), nil
}

// Newest is a mirrored controller or, where that is gone, the one that has its
// kind and name now. Only the server is believed to know which came later. A kind
// that is not watched is left to the pods, which show what is above them.
func (n *Resolver) Newest(ctx context.Context, of ownership.Mirrored) (ownership.Mirrored, error) {
	if c, ok := n.cachedController(of); !ok || c.GetUID() == of.UID {
		return of, nil
	}
	o, err := n.get(ctx, of)
	if o != nil {
		of.UID = o.UID
	}
	return of, err
}

// get asks the server. It returns nil for what is not there or can't be read.
func (n *Resolver) get(ctx context.Context, of ownership.Mirrored) (*metav1.PartialObjectMetadata, error) {
	resource, served, err := n.resource(of.Kind)
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s: %w", of, err)
	}
	if !served {
		return nil, nil
	}
	namespace := of.Name.Namespace
	if !resource.Namespaced {
		namespace = ""
	}
	o, err := n.client.Resource(resource.GroupVersionResource).Namespace(namespace).Get(ctx, of.Name.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get the metadata of %s: %w", of, err)
	}
	observe.Reduce(o)
	return reduced(o), nil
}

// reduced is what FindRoot reads of an owner. Answers are kept for minutes, also of objects that
// are gone by then and count towards no quota: thousands of them must not be large.
func reduced(o *metav1.PartialObjectMetadata) *metav1.PartialObjectMetadata {
	const longestTracking = 2 << 10 // more than an annotation of ours has
	kept := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name, UID: o.UID, Labels: o.Labels}}
	if len(o.Annotations[xosv1.OwnerAnnotation]) <= longestTracking {
		kept.Annotations = o.Annotations
	}
	if ref := metav1.GetControllerOf(o); ref != nil && recordable(ref, o.Namespace) {
		kept.OwnerReferences = []metav1.OwnerReference{*ref}
	}
	return kept
}

// resource finds where objects of a kind are. For an unknown kind discovery is asked
// again, at most once in a while: its definition may be new.
func (n *Resolver) resource(kind schema.GroupVersionKind) (_ kinds.Resource, served bool, _ error) {
	return n.kinds.Lookup(kind, refusalKept)
}

// HasSynced returns whether all caches hold their first list.
func (n *Resolver) HasSynced() bool {
	for _, kind := range n.Controllers {
		if !kind.HasSynced() {
			return false
		}
	}
	return n.ServiceAccounts.HasSynced()
}
