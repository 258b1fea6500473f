package pull

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesservices,verbs=list;watch

// recordReconciler reconciles the records of pods that others created.
type recordReconciler struct {
	cluster *cluster.Cluster
	*records
	clock      clock.PassiveClock
	queue      *instanceQueue
	pods       *instancePods
	selector   *podSelector
	dependents *dependents
	events     *podEvents
}

// create makes the instance of a pod that has none.
func (r *recordReconciler) create(ctx context.Context, name cache.ObjectName) error {
	pod := r.pods.podFor(name)
	s := r.selector.selection.Load()
	if pod == nil || !s.Enabled || r.selector.chosenBy(s, pod) != record.Selected || namespaceEnds(r.cluster, name.Namespace) {
		return nil
	}
	if awaited, err := r.pods.counterparts.awaited(ctx, pod); err != nil || awaited {
		return err // the instance's arrival, or its end, wakes us
	}
	top, err := r.dependents.rootOf(ctx, pod)
	if err != nil {
		return err
	}
	l, err := r.dependents.ensureDependents(ctx, pod, top, "")
	if err != nil {
		return err
	}
	created, err := r.instances.Create(ctx, record.NewInstance(pod, l))
	if err != nil {
		return err
	}
	return r.updateStatus(ctx, created, pod, top)
}

// reconcile brings an instance that is not managed to what its pod shows, or to its
// end.
func (r *recordReconciler) reconcile(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	pod := r.pods.podFor(cache.MetaObjectToName(instance))
	recorded, s := record.PodUID(instance), r.selector.selection.Load()
	switch {
	case !s.Enabled:
		return nil // what was inventoried stays as it is
	case recorded != "" && r.pods.isOfAnother(instance):
		return r.handOver(ctx, instance)
	case pod == nil || (recorded != "" && pod.UID != recorded):
		return r.end(ctx, instance, pod != nil)
	}
	held := instance.DeletionTimestamp != nil // by another client's finalizer
	if !held {
		switch r.selector.chosenBy(s, pod) {
		case record.Unknown:
			return nil // the namespace's arrival wakes us
		case record.Unselected:
			return r.delete(ctx, instance)
		}
	}
	top, err := r.dependents.rootOf(ctx, pod)
	if err != nil {
		return err
	}
	if !held {
		if instance, err = r.updateSpec(ctx, instance, pod, top); err != nil {
			return err
		}
	}
	return r.updateStatus(ctx, instance, pod, top)
}

// updateSpec brings the metadata and spec of an instance to what its pod shows. Those
// of one that a user made are the user's. What was said of one's pod while it was
// managed is not said of a record. A pod that is ending has nothing new to say, and
// its owners may be gone already; in a namespace that is ending nothing is recorded
// anew.
func (r *recordReconciler) updateSpec(
	ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod, top *record.RootOwner,
) (*xosv1.KubernetesServiceInstance, error) {
	change, metadata := map[string]any{}, map[string]any{}
	if record.IsPulled(instance) && pod.DeletionTimestamp == nil && !namespaceEnds(r.cluster, pod.Namespace) {
		l, err := r.dependents.ensureDependents(ctx, pod, top, instance.Spec.Slice)
		if err != nil {
			return instance, err
		}
		if (record.References{Slice: instance.Spec.Slice, Image: instance.Spec.Image}) != l {
			change["spec"] = map[string]any{"slice": orNull(l.Slice), "image": orNull(l.Image), "imageReference": nil}
		}
		if of := record.MirroredPod(pod).String(); instance.Annotations[xosv1.MirrorsAnnotation] != of {
			metadata["annotations"] = map[string]any{xosv1.MirrorsAnnotation: of}
		}
	}
	if len(metadata) > 0 {
		change["metadata"] = metadata
	}
	if len(change) == 0 {
		return instance, nil
	}
	return r.instances.Patch(ctx, instance, change)
}

// orNull is how a merge patch takes a field out.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// updateStatus writes what a pod shows. status.delivery, which the first build has left
// there, goes once Kafka itself knows what it says.
func (r *recordReconciler) updateStatus(ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod, top *record.RootOwner) error {
	after := instance.DeepCopy()
	observe.Pod(&after.Status, pod)
	inventoried := status.Inventoried(managerOf(pod, top), ownership.AppliedByOthers(instance))
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(instance, inventoried), instance.Generation, metav1.NewTime(r.clock.Now()))
	if r.events.reported(after.Status.Delivery) {
		after.Status.Delivery = nil
	}
	_, err := r.instances.PatchStatus(ctx, instance, after)
	return ignoreNotFound(err)
}

// end ends the record of a pod that is gone, once its end is published: until then the
// record is what remembers the pod. It waits for nothing where others wait for it: whoever
// deletes an instance that another finalizer holds, or a successor of the pod's name.
func (r *recordReconciler) end(ctx context.Context, instance *xosv1.KubernetesServiceInstance, succeeded bool) error {
	if uid := record.PodUID(instance); uid != "" { // else the pod ended before it could be recorded
		name := cache.MetaObjectToName(instance)
		lives, err := r.events.Exists(ctx, event.Entity{ID: idOf(uid), Namespace: name.Namespace, Name: name.Name})
		if err != nil || lives {
			return err // where it lives the watch is behind, and wakes us
		}
		wait := instance.DeletionTimestamp == nil && !succeeded
		if released, err := r.events.release(ctx, instance, wait); err != nil || !released {
			return err // the outbox wakes us
		}
	}
	if record.IsPulled(instance) || instance.DeletionTimestamp != nil {
		return r.delete(ctx, instance)
	}
	return r.clearStatus(ctx, instance)
}

// delete ends an instance without an event: the pod is not inventoried any more,
// or Kafka knows all.
func (r *recordReconciler) delete(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	current, ok := r.instances.Get(cache.MetaObjectToName(instance))
	if !ok || !record.IsPulled(current) || current.DeletionTimestamp != nil {
		return nil
	}
	return deleteUnclaimed(ctx, r.instances, current)
}

// clearStatus says of an instance that a user made that its pod is not there. It is
// the user's to delete.
func (r *recordReconciler) clearStatus(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	after := instance.DeepCopy()
	observe.ForgetPod(&after.Status)
	missing := outcome.Outcome{
		State: outcome.Waiting, Reason: xosv1.ReasonReferenceNotFound, Message: "there is no pod of this name to inventory",
	}
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(instance, missing), instance.Generation, metav1.NewTime(r.clock.Now()))
	after.Status.Delivery = nil
	_, err := r.instances.PatchStatus(ctx, instance, after)
	return ignoreNotFound(err)
}

// unlessUndecodable is the outcome of a pass over a record, or that the record can't be
// decoded, which its controller leaves to us to report.
func unlessUndecodable(o xosv1.Object, reached outcome.Outcome) outcome.Outcome {
	if undecodable, ok := outcome.FromErrors(store.Undecodable(o)); ok {
		return undecodable
	}
	return reached
}

// handOver ends the record of a pod that is another instance's, without an event: the pod
// lives on.
func (r *recordReconciler) handOver(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	r.queue.Add(record.PodName(instance))
	if pod := r.pods.get(record.PodName(instance)); pod != nil {
		r.queue.addPod(pod)
	}
	if record.IsPulled(instance) {
		return r.delete(ctx, instance)
	}
	return r.clearStatus(ctx, instance)
}
