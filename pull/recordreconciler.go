package pull

import (
	"context"
	"time"

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
	clock clock.PassiveClock
	// keepEnded is how long a record whose name another pod has is kept, because Kafka has
	// not acknowledged the end of its own.
	keepEnded  time.Duration
	queue      *instanceQueue
	pods       *instancePods
	selector   *podSelector
	dependents *dependents
	pending    *pendingEvents
}

// create makes the instance of a pod that has none.
func (r *recordReconciler) create(ctx context.Context, name cache.ObjectName) error {
	if _, err := r.pending.SendEnded(ctx, name, nil); err != nil {
		return err
	}
	r.pending.Settled(name)
	pod := r.pods.podFor(name)
	s := r.selector.selection.Load()
	if pod == nil || !s.Enabled || r.selector.chosenBy(s, pod) != record.Selected || namespaceEnds(r.cluster, name.Namespace) {
		return nil
	}
	if awaited, err := r.pods.counterparts.awaited(ctx, pod); err != nil || awaited {
		return err // the instance's arrival, or its end, wakes us
	}
	l, err := r.dependents.ensureDependents(ctx, pod, "")
	if err != nil {
		return err
	}
	created, err := r.instances.Create(ctx, record.NewInstance(pod, l))
	if err != nil {
		return err
	}
	return r.updateStatus(ctx, created, pod)
}

// reconcile brings an instance that is not managed to what its pod shows, or to its
// end.
func (r *recordReconciler) reconcile(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	pod := r.pods.podFor(cache.MetaObjectToName(instance))
	recorded, s := record.PodUID(instance), r.selector.selection.Load()
	switch {
	case !s.Enabled:
		r.pending.ForgetEnded(cache.MetaObjectToName(instance))
		return nil // what was inventoried stays as it is
	case recorded != "" && r.pods.isOfAnother(instance):
		return r.handOver(ctx, instance)
	case pod == nil || (recorded != "" && pod.UID != recorded):
		return r.end(ctx, instance, pod != nil)
	case instance.DeletionTimestamp != nil: // another client's finalizer holds it
		return r.updateStatus(ctx, instance, pod)
	}
	switch r.selector.chosenBy(s, pod) {
	case record.Unknown:
		return nil // the namespace's arrival wakes us
	case record.Unselected:
		return r.delete(ctx, instance)
	}
	instance, err := r.updateSpec(ctx, instance, pod)
	if err != nil {
		return err
	}
	return r.updateStatus(ctx, instance, pod)
}

// updateSpec brings the metadata and spec of an instance to what its pod shows. Those
// of one that a user made are the user's. What was said of one's pod while it was
// managed is not said of a record. A pod that is ending has nothing new to say, and
// its owners may be gone already; in a namespace that is ending nothing is recorded
// anew.
func (r *recordReconciler) updateSpec(ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod) (*xosv1.KubernetesServiceInstance, error) {
	change, metadata := map[string]any{}, map[string]any{}
	if record.IsPulled(instance) && pod.DeletionTimestamp == nil && !namespaceEnds(r.cluster, pod.Namespace) {
		l, err := r.dependents.ensureDependents(ctx, pod, instance.Spec.Slice)
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

// updateStatus writes down what a pod shows and what Kafka has acknowledged of it, in
// one write. While Kafka does not take the instance's events, what the pod shows
// does not wait for it.
func (r *recordReconciler) updateStatus(ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod) error {
	after := instance.DeepCopy()
	observe.Pod(&after.Status, pod)
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(instance, status.Inventoried(ownership.AppliedByOthers(instance))), instance.Generation, metav1.NewTime(r.clock.Now()))
	if r.pending.Failing(cache.MetaObjectToName(instance)) {
		patched, err := r.instances.PatchStatus(ctx, instance, after)
		if err != nil {
			return ignoreNotFound(err)
		}
		instance, after = patched, patched.DeepCopy()
	}
	return r.pending.deliverAndRecord(ctx, instance, after, func() (*xosv1.Delivery, error) {
		return r.pending.Send(ctx, cache.MetaObjectToName(instance), instance.Status.Delivery, event.SnapshotOfPod(pod), false)
	})
}

// end ends the record of a pod that is gone, once Kafka knows. Others may
// wait for that: whoever deletes an instance that another finalizer holds, or a
// successor of the pod's name. They do not wait for longer than the hold.
func (r *recordReconciler) end(ctx context.Context, instance *xosv1.KubernetesServiceInstance, succeeded bool) error {
	name := cache.MetaObjectToName(instance)
	switch uid := record.PodUID(instance); uid {
	case "": // the pod ended before it could be recorded
		if _, err := r.pending.SendEnded(ctx, name, nil); err != nil {
			return err
		}
	default:
		lives, err := r.pending.Lives(ctx, name, uid)
		if err != nil || lives {
			return err // where it lives the watch is behind, and wakes us
		}
		s := r.pending.endOf(instance, uid)
		_, err = r.pending.Send(ctx, name, instance.Status.Delivery, s, true)
		if err != nil {
			if instance.DeletionTimestamp == nil && !succeeded {
				return err // nobody waits: the instance is the outbox
			}
			if left := r.keepEnded - r.pending.HeldFor(uid, r.clock.Now()); left > 0 {
				r.queue.AddAfter(name, left)
				return err
			}
			r.pending.Drop(ctx, name, instance.Status.Delivery, s, err)
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
func unlessUndecodable(instance *xosv1.KubernetesServiceInstance, reached outcome.Outcome) outcome.Outcome {
	if undecodable, ok := outcome.FromErrors(store.Undecodable(instance)); ok {
		return undecodable
	}
	return reached
}

// handOver ends the record of a pod that is another instance's to announce, without an
// event. What Kafka knows of the pod stays in memory for that one.
func (r *recordReconciler) handOver(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	r.pending.retainDelivery(instance.Status.Delivery)
	r.queue.Add(record.PodName(instance))
	if pod := r.pods.get(record.PodName(instance)); pod != nil {
		r.queue.addPod(pod)
	}
	if record.IsPulled(instance) {
		return r.delete(ctx, instance)
	}
	return r.clearStatus(ctx, instance)
}
