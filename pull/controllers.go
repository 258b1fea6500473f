package pull

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	appsclient "k8s.io/client-go/kubernetes/typed/apps/v1"
	batchclient "k8s.io/client-go/kubernetes/typed/batch/v1"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=apps,resources=deployments;replicasets;statefulsets;daemonsets,verbs=get;list;watch
// +kubebuilder:rbac:groups=batch,resources=jobs;cronjobs,verbs=get;list;watch

// nativeController is what is kept of an object that controls pods or other
// controllers: the metadata that the walk along the owners reads and, where
// nothing stands above it, what it shows of itself. Its template is not kept.
type nativeController struct {
	metav1.PartialObjectMetadata
	shown verdict.Workload
}

// DeepCopyObject implements runtime.Object.
func (c *nativeController) DeepCopyObject() runtime.Object {
	return &nativeController{*c.DeepCopy(), c.shown}
}

// isTop says that nothing controls it, as far as it tells.
func (c *nativeController) isTop() bool { return metav1.GetControllerOfNoCopy(c) == nil }

// controllerCache holds all controllers of a kind.
type controllerCache struct {
	*engine.Resource[*nativeController]
	informer cache.SharedIndexInformer
}

// controllerCaches are those of Kubernetes' own kinds of controllers.
func controllerCaches(apps appsclient.AppsV1Interface, batch batchclient.BatchV1Interface) map[schema.GroupKind]controllerCache {
	const all = metav1.NamespaceAll
	ofApps, ofBatch := appsv1.SchemeGroupVersion, batchv1.SchemeGroupVersion
	caches := map[schema.GroupKind]controllerCache{}
	for _, c := range []controllerCache{
		newControllerCache(ofApps.WithKind("Deployment"), "deployments", apps.Deployments(all), verdict.Deployment),
		newControllerCache(ofApps.WithKind("ReplicaSet"), "replicasets", apps.ReplicaSets(all), verdict.ReplicaSet),
		newControllerCache(ofApps.WithKind("StatefulSet"), "statefulsets", apps.StatefulSets(all), verdict.StatefulSet),
		newControllerCache(ofApps.WithKind("DaemonSet"), "daemonsets", apps.DaemonSets(all), verdict.DaemonSet),
		newControllerCache(ofBatch.WithKind("Job"), "jobs", batch.Jobs(all), verdict.Job),
		newControllerCache(ofBatch.WithKind("CronJob"), "cronjobs", batch.CronJobs(all), verdict.CronJob),
	} {
		caches[c.Kind.GroupKind()] = c
	}
	return caches
}

// listWatcher is the part of a typed client that fills a cache.
type listWatcher[L runtime.Object] interface {
	List(ctx context.Context, opts metav1.ListOptions) (L, error)
	Watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error)
}

// newControllerCache makes the cache of a kind, of which read tells what an
// object shows.
func newControllerCache[T any, O interface {
	*T
	runtime.Object
	metav1.ObjectMetaAccessor
}, L runtime.Object](kind schema.GroupVersionKind, plural string, client listWatcher[L], read func(O) verdict.Workload) controllerCache {
	informer := cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
			return client.List(ctx, opts)
		},
		WatchFuncWithContext: func(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
			return client.Watch(ctx, opts)
		},
	}, client), O(new(T)), 0, cache.Indexers{})
	_ = informer.SetTransform(func(object any) (any, error) { // fails only of an informer that runs
		if o, ok := object.(O); ok {
			return reduce(o, read), nil
		}
		return object, nil // reduced before, or the mark of an end that was missed
	})
	controllers := engine.NewResource[*nativeController](kind, plural, informer)
	controllers.AddIndex(byOwner, controllerUID[*nativeController])
	controllers.AddIndex(byMaker, func(c *nativeController) []string {
		if claim, ok := sliceClaimOf(c, kind.GroupKind()); ok {
			return []string{claim.Name.String()}
		}
		return nil
	})
	return controllerCache{controllers, informer}
}

// reduce makes what is kept of an object.
func reduce[O metav1.ObjectMetaAccessor](o O, read func(O) verdict.Workload) *nativeController {
	c := &nativeController{}
	if meta, ok := o.GetObjectMeta().(*metav1.ObjectMeta); ok {
		trimMetadata(meta)
		c.ObjectMeta = *meta
	}
	if c.isTop() {
		c.shown = read(o)
	}
	return c
}
