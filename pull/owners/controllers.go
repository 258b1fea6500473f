package owners

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

// ByClaimedSlice finds controllers by the Slice that their tracking metadata names.
const ByClaimedSlice = "pull-maker"

// ControllerKind is one of Kubernetes' own kinds that control pods or other controllers,
// as the cache shows all of its objects: those of others without their templates.
type ControllerKind struct {
	schema.GroupVersionKind
	plural    string
	Get       func(cache.ObjectName) (metav1.Object, bool)
	ByIndex   func(index, value string) []metav1.Object
	Watch     func(changed func(before, after metav1.Object), gone func(metav1.Object)) error
	HasSynced cache.InformerSynced
	// Workload is what a controller shows of itself that nothing else controls.
	Workload func(metav1.Object) observe.Workload
}

// controllerKinds are all such kinds.
func controllerKinds(c *cluster.Cluster) map[schema.GroupKind]ControllerKind {
	kinds := map[schema.GroupKind]ControllerKind{}
	for _, kind := range []ControllerKind{
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

func newControllerKind[O store.Object](r *store.Resource[O], read func(O) observe.Workload) ControllerKind {
	kind := r.Kind.GroupKind()
	r.AddIndex(ByController, ControllerUID[O])
	r.AddIndex(ByClaimedSlice, func(c O) []string {
		if claim, ok := record.ClaimedSlice(c, kind); ok {
			return []string{claim.Name.String()}
		}
		return nil
	})
	return ControllerKind{
		GroupVersionKind: r.Kind, plural: r.Plural, HasSynced: r.HasSynced,
		Get: func(name cache.ObjectName) (metav1.Object, bool) {
			o, ok := r.Get(name)
			return o, ok
		},
		ByIndex: func(index, value string) []metav1.Object {
			var found []metav1.Object
			for _, o := range r.ByIndex(index, value) {
				found = append(found, o)
			}
			return found
		},
		Watch: func(changed func(before, after metav1.Object), gone func(metav1.Object)) error {
			var none O
			return r.Watch(store.ChangeHandler(func(before, after O) {
				if any(before) == any(none) {
					changed(nil, after) // a nil interface, not one that holds a nil pointer
					return
				}
				changed(before, after)
			}, func(last O) { gone(last) }))
		},
		Workload: func(c metav1.Object) observe.Workload {
			if !IsRoot(c) {
				return observe.Workload{}
			}
			return read(c.(O))
		},
	}
}

// IsRoot returns whether nothing controls a controller, as far as its metadata shows.
func IsRoot(c metav1.Object) bool { return metav1.GetControllerOfNoCopy(c) == nil }

// SameSlice returns whether two versions of a controller name the same Slice: by the label
// that asks for one, or by the tracking annotation of the one that created them.
func SameSlice(before, after metav1.Object) bool {
	return before.GetLabels()[xosv1.SliceNameLabel] == after.GetLabels()[xosv1.SliceNameLabel] &&
		before.GetAnnotations()[xosv1.OwnerAnnotation] == after.GetAnnotations()[xosv1.OwnerAnnotation]
}
