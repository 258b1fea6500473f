package pull

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=apps,resources=deployments;replicasets;statefulsets;daemonsets,verbs=get;list;watch
// +kubebuilder:rbac:groups=batch,resources=jobs;cronjobs,verbs=get;list;watch

// controllerKind is one of Kubernetes' own kinds that control pods or other controllers,
// as the cache shows all of its objects: those of others without their templates.
type controllerKind struct {
	schema.GroupVersionKind
	plural    string
	get       func(cache.ObjectName) (metav1.Object, bool)
	byIndex   func(index, value string) []metav1.Object
	watch     func(changed func(before, after metav1.Object), gone func(metav1.Object)) error
	hasSynced cache.InformerSynced
	// shown is what a controller shows of itself that nothing else controls.
	shown func(metav1.Object) observe.Workload
}

// controllerKinds are all such kinds.
func controllerKinds(c *cluster.Cluster) map[schema.GroupKind]controllerKind {
	kinds := map[schema.GroupKind]controllerKind{}
	for _, kind := range []controllerKind{
		newControllerKind[*appsv1.Deployment](c.Deployments.Resource, observe.Deployment),
		newControllerKind[*appsv1.ReplicaSet](c.ReplicaSets.Resource, observe.ReplicaSet),
		newControllerKind[*appsv1.StatefulSet](c.StatefulSets.Resource, observe.StatefulSet),
		newControllerKind[*appsv1.DaemonSet](c.DaemonSets.Resource, observe.DaemonSet),
		newControllerKind[*batchv1.Job](c.Jobs.Resource, observe.Job),
		newControllerKind[*batchv1.CronJob](c.CronJobs.Resource, observe.CronJob),
	} {
		kinds[kind.GroupKind()] = kind
	}
	return kinds
}

func newControllerKind[O store.Object](r *store.Resource[O], read func(O) observe.Workload) controllerKind {
	kind := r.Kind.GroupKind()
	r.AddIndex(byOwner, controllerUID[O])
	r.AddIndex(byMaker, func(c O) []string {
		if claim, ok := record.ClaimedSlice(c, kind); ok {
			return []string{claim.Name.String()}
		}
		return nil
	})
	return controllerKind{
		GroupVersionKind: r.Kind, plural: r.Plural, hasSynced: r.HasSynced,
		get: func(name cache.ObjectName) (metav1.Object, bool) {
			o, ok := r.Get(name)
			return o, ok
		},
		byIndex: func(index, value string) []metav1.Object {
			var found []metav1.Object
			for _, o := range r.ByIndex(index, value) {
				found = append(found, o)
			}
			return found
		},
		watch: func(changed func(before, after metav1.Object), gone func(metav1.Object)) error {
			return r.Watch(store.Handler[O]{
				Add: func(o O, _ bool) { changed(nil, o) },
				Update: func(before, after O, _ bool) {
					switch {
					case before.GetUID() != after.GetUID():
						gone(before)
						changed(nil, after)
					case before.GetResourceVersion() != after.GetResourceVersion():
						changed(before, after)
					}
				},
				Delete: func(last O, _ bool) { gone(last) },
			})
		},
		shown: func(c metav1.Object) observe.Workload {
			if !isTop(c) {
				return observe.Workload{}
			}
			return read(c.(O))
		},
	}
}

// isTop returns whether nothing controls a controller, as far as it tells.
func isTop(c metav1.Object) bool { return metav1.GetControllerOfNoCopy(c) == nil }

// sameMaker returns whether two versions of a controller name the same Slice: by the label
// that asks for one, or by the mark of the one that created them.
func sameMaker(before, after metav1.Object) bool {
	return before.GetLabels()[xosv1.SliceNameLabel] == after.GetLabels()[xosv1.SliceNameLabel] &&
		before.GetAnnotations()[xosv1.OwnerAnnotation] == after.GetAnnotations()[xosv1.OwnerAnnotation]
}
