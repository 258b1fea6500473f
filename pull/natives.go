package pull

import (
	"context"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	discoverycache "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=replicationcontrollers,verbs=get

// natives reads the metadata of what stands above pods: kinds of Kubernetes' own
// from caches, all others by a request whose answer is kept for a while.
type natives struct {
	client metadata.Interface
	mapper *restmapper.DeferredDiscoveryRESTMapper
	scales scales
	clock  clock.PassiveClock

	accounts *metadataCache
	nodes    *metadataCache
	// controllers are the caches of kinds that control pods or each other.
	controllers map[schema.GroupKind]controllerCache
	// informers fill the caches above but for that of nodes.
	informers []cache.SharedIndexInformer

	// answers are those to single requests, by all that the reference says of the owner:
	// what one pod says of an owner is nothing to another that names the same UID.
	answers *utilcache.LRUExpireCache

	mu       sync.Mutex
	lastLook time.Time
}

// metadataCache holds the metadata of all objects of a kind.
type metadataCache = engine.Resource[*metav1.PartialObjectMetadata]

const (
	// answerKept and refusalKept are how long an answer stands: a label may
	// change, a kind may be installed, a right be granted.
	answerKept  = 5 * time.Minute
	refusalKept = time.Minute
	manyAnswers = 4096
)

// byOwner finds objects by the UID of the owner that controls them.
const byOwner = "pull-owner"

func newNatives(c *cluster.Cluster, clock clock.PassiveClock) *natives {
	kinds := discoverycache.NewMemCacheClient(c.Kubernetes.Discovery())
	n := &natives{
		client: c.Metadata, clock: clock, nodes: c.Nodes,
		mapper:      restmapper.NewDeferredDiscoveryRESTMapper(kinds),
		scales:      newScales(c.Kubernetes.Discovery().RESTClient(), kinds, clock),
		controllers: controllerCaches(c.Kubernetes.AppsV1(), c.Kubernetes.BatchV1()),
		answers:     utilcache.NewLRUExpireCacheWithClock(manyAnswers, clock),
	}
	accounts := metadatainformer.NewFilteredMetadataInformer(
		c.Metadata, accountKind.GroupVersion().WithResource("serviceaccounts"), metav1.NamespaceAll, 0, cache.Indexers{}, nil).Informer()
	_ = accounts.SetTransform(trimPartial) // fails only of an informer that runs
	n.accounts = engine.NewResource[*metav1.PartialObjectMetadata](accountKind, "serviceaccounts", accounts)
	n.informers = []cache.SharedIndexInformer{accounts}
	for _, controllers := range n.controllers {
		n.informers = append(n.informers, controllers.informer)
	}
	return n
}

// start fills the caches until the context ends. The function that it returns
// waits for that.
func (n *natives) start(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	for _, informer := range n.informers {
		running.Go(func() { informer.RunWithContext(ctx) })
	}
	return running.Wait
}

// controllerUID is the index function of byOwner.
func controllerUID[O metav1.Object](o O) []string {
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
		return []string{string(ref.UID)}
	}
	return nil
}

// trimMetadata keeps of an object what the walk along the owners reads.
func trimMetadata(o *metav1.ObjectMeta) {
	o.ManagedFields, o.Finalizers = nil, nil
	o.Labels = only(o.Labels, xosv1.SliceNameLabel)
	o.Annotations = only(o.Annotations, xosv1.OwnerAnnotation)
}

// trimPartial is the transform of informers of metadata.
func trimPartial(object any) (any, error) {
	if o, ok := object.(*metav1.PartialObjectMetadata); ok {
		trimMetadata(&o.ObjectMeta)
	}
	return object, nil
}

func only(values map[string]string, key string) map[string]string {
	if value, ok := values[key]; ok {
		return map[string]string{key: value}
	}
	return nil
}

// read is the ownerReader of this cluster.
func (n *natives) read(ctx context.Context, namespace string, ref metav1.OwnerReference) (metav1.Object, bool, error) {
	of := engine.Mirrored{Kind: schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind), Name: cache.NewObjectName(namespace, ref.Name), UID: ref.UID}
	if o, ok := n.cached(of); ok && o.UID == ref.UID {
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

func (n *natives) cached(of engine.Mirrored) (*metav1.PartialObjectMetadata, bool) {
	switch kind := of.Kind.GroupKind(); {
	case kind == nodeKind.GroupKind():
		return n.nodes.Get(cache.NewObjectName("", of.Name.Name))
	case kind == accountKind.GroupKind():
		return n.accounts.Get(of.Name)
	}
	if c, ok := n.controller(of); ok {
		return &c.PartialObjectMetadata, true
	}
	return nil, false
}

// controller is what the caches hold of a controller.
func (n *natives) controller(of engine.Mirrored) (*nativeController, bool) {
	controllers, ok := n.controllers[of.Kind.GroupKind()]
	if !ok {
		return nil, false
	}
	return controllers.Get(of.Name)
}

// lives says whether a mirrored object is still there. That it is gone is only
// believed if the server says so: a cache may be behind. What can't be read
// counts as gone; nobody could tell otherwise.
func (n *natives) lives(ctx context.Context, of engine.Mirrored) (bool, error) {
	same := func(o *metav1.PartialObjectMetadata) bool { return of.UID == "" || o.UID == of.UID }
	if o, ok := n.cached(of); ok && same(o) {
		return true, nil
	}
	o, err := n.get(ctx, of)
	if err != nil {
		return false, err
	}
	return o != nil && same(o), nil
}

// newest is a mirrored controller or, where that is gone, the one that has its
// kind and name now. Only the server is believed to know which came later. A kind
// that is not watched is left to the pods, which show what is above them.
func (n *natives) newest(ctx context.Context, of engine.Mirrored) (engine.Mirrored, error) {
	if c, ok := n.controller(of); !ok || c.UID == of.UID {
		return of, nil
	}
	o, err := n.get(ctx, of)
	if o != nil {
		of.UID = o.UID
	}
	return of, err
}

// get asks the server. It returns nil for what is not there or can't be read.
func (n *natives) get(ctx context.Context, of engine.Mirrored) (*metav1.PartialObjectMetadata, error) {
	mapping, err := n.mapping(of.Kind)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s: %w", of, err)
	}
	namespace := of.Name.Namespace
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		namespace = ""
	}
	o, err := n.client.Resource(mapping.Resource).Namespace(namespace).Get(ctx, of.Name.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get the metadata of %s: %w", of, err)
	}
	trimMetadata(&o.ObjectMeta)
	return o, nil
}

// mapping finds the resource of a kind. For an unknown kind discovery is asked
// again, at most once in a while: its definition may be new.
func (n *natives) mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapping, err := n.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if !meta.IsNoMatchError(err) {
		return mapping, err
	}
	n.mu.Lock()
	look := n.clock.Since(n.lastLook) >= refusalKept
	if look {
		n.lastLook = n.clock.Now()
	}
	n.mu.Unlock()
	if !look {
		return nil, err
	}
	n.mapper.Reset()
	return n.mapper.RESTMapping(kind.GroupKind(), kind.Version)
}

// synced says whether all caches hold their first list.
func (n *natives) synced() bool {
	for _, controllers := range n.controllers {
		if !controllers.HasSynced() {
			return false
		}
	}
	return n.accounts.HasSynced()
}
