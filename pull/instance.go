package pull

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesservices,verbs=list;watch

// reconcile makes the instance of this name be as its pod is.
func (p *Puller) reconcile(ctx context.Context, name cache.ObjectName) error {
	instance, ok := p.instances.Get(name)
	if ok {
		released, remains, err := p.removeFinalizer(ctx, instance)
		if err != nil || !remains {
			return err
		}
		instance = released
	}
	switch {
	case !ok:
		return p.createRecord(ctx, name)
	case xosv1.IsManaged(instance):
		return p.reconcileManaged(ctx, instance)
	}
	return p.reconcileRecord(ctx, instance)
}

// podFor is the pod that an instance of this name records: the one of its name,
// unless a managed instance made it.
func (p *Puller) podFor(name cache.ObjectName) *corev1.Pod {
	pod := p.pods.get(name)
	if pod == nil {
		return nil
	}
	if maker, made := p.counterparts.creatorOf(pod); made {
		if _, left := p.counterparts.departed.of(maker.UID); left > 0 {
			p.queue.AddAfter(name, left) // if it lives on by then, it is nobody's
		}
		return nil
	}
	return pod
}

// createRecord makes the instance of a pod that has none.
func (p *Puller) createRecord(ctx context.Context, name cache.ObjectName) error {
	if _, err := p.outbox.SendEnded(ctx, name, nil); err != nil {
		return err
	}
	p.outbox.Settled(name)
	pod := p.podFor(name)
	s := p.selector.selection.Load()
	if pod == nil || !s.Enabled || p.selector.chosenBy(s, pod) != record.Selected || p.namespaceEnds(name.Namespace) {
		return nil
	}
	if awaited, err := p.counterparts.awaited(ctx, pod); err != nil || awaited {
		return err // the instance's arrival, or its end, wakes us
	}
	l, err := p.dependents.ensureDependents(ctx, pod, "")
	if err != nil {
		return err
	}
	created, err := p.instances.Create(ctx, record.NewInstance(pod, l))
	if err != nil {
		return err
	}
	return p.updateStatus(ctx, created, pod)
}

// reconcileRecord brings an instance that is not managed to what its pod shows, or to its
// end.
func (p *Puller) reconcileRecord(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	pod := p.podFor(cache.MetaObjectToName(instance))
	recorded, s := record.PodUID(instance), p.selector.selection.Load()
	switch {
	case !s.Enabled:
		p.outbox.ForgetEnded(cache.MetaObjectToName(instance))
		return nil // what was inventoried stays as it is
	case recorded != "" && p.isOfAnother(instance):
		return p.handOver(ctx, instance)
	case pod == nil || (recorded != "" && pod.UID != recorded):
		return p.endRecord(ctx, instance, pod != nil)
	case instance.DeletionTimestamp != nil: // another client's finalizer holds it
		return p.updateStatus(ctx, instance, pod)
	}
	switch p.selector.chosenBy(s, pod) {
	case record.Unknown:
		return nil // the namespace's arrival wakes us
	case record.Unselected:
		return p.deleteRecord(ctx, instance)
	}
	instance, err := p.updateRecord(ctx, instance, pod)
	if err != nil {
		return err
	}
	return p.updateStatus(ctx, instance, pod)
}

// updateRecord brings the metadata and spec of an instance to what its pod shows. Those
// of one that a user made are the user's. What was said of one's pod while it was
// managed is not said of a record. A pod that is ending has nothing new to say, and
// its owners may be gone already; in a namespace that is ending nothing is recorded
// anew.
func (p *Puller) updateRecord(ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod) (*xosv1.KubernetesServiceInstance, error) {
	change, metadata := map[string]any{}, map[string]any{}
	if record.IsPulled(instance) && pod.DeletionTimestamp == nil && !p.namespaceEnds(pod.Namespace) {
		l, err := p.dependents.ensureDependents(ctx, pod, instance.Spec.Slice)
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
	return p.instances.Patch(ctx, instance, change)
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
func (p *Puller) updateStatus(ctx context.Context, instance *xosv1.KubernetesServiceInstance, pod *corev1.Pod) error {
	after := instance.DeepCopy()
	observe.Pod(&after.Status, pod)
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(instance, status.Inventoried(ownership.AppliedByOthers(instance))), instance.Generation, metav1.NewTime(p.opts.Clock.Now()))
	if p.outbox.Failing(cache.MetaObjectToName(instance)) {
		patched, err := p.instances.PatchStatus(ctx, instance, after)
		if err != nil {
			return ignoreNotFound(err)
		}
		instance, after = patched, patched.DeepCopy()
	}
	return p.deliverAndRecord(ctx, instance, after, func() (*xosv1.Delivery, error) {
		return p.outbox.Send(ctx, cache.MetaObjectToName(instance), instance.Status.Delivery, event.SnapshotOfPod(pod), false)
	})
}

// deliverAndRecord sends, and writes what came of it together with whatever else
// has changed in the status. A failure to send is returned after the write.
func (p *Puller) deliverAndRecord(ctx context.Context, before, after *xosv1.KubernetesServiceInstance, deliver func() (*xosv1.Delivery, error)) error {
	delivery, sendErr := deliver()
	after.Status.Delivery = delivery
	_, err := p.instances.PatchStatus(ctx, before, after)
	switch {
	case apierrors.IsNotFound(err):
		return sendErr // it ended meanwhile; what was acknowledged stays in memory
	case err != nil:
		return err
	}
	if delivery != nil {
		p.outbox.Recorded(delivery.UID)
		p.retainUnrecorded(before, delivery)
	}
	return sendErr
}

// retainUnrecorded keeps in memory what was written into a record that has ended by
// now. It comes after the state was told that the record has it: the watch may have
// shown the record's end before the answer to that write was here.
func (p *Puller) retainUnrecorded(instance *xosv1.KubernetesServiceInstance, delivery *xosv1.Delivery) {
	if current, ok := p.instances.Get(cache.MetaObjectToName(instance)); !ok || current.UID != instance.UID {
		p.retainDelivery(delivery)
	}
}

// endRecord ends the record of a pod that is gone, once Kafka knows. Others may
// wait for that: whoever deletes an instance that another finalizer holds, or a
// successor of the pod's name. They do not wait for longer than the hold.
func (p *Puller) endRecord(ctx context.Context, instance *xosv1.KubernetesServiceInstance, succeeded bool) error {
	name := cache.MetaObjectToName(instance)
	switch uid := record.PodUID(instance); uid {
	case "": // the pod ended before it could be recorded
		if _, err := p.outbox.SendEnded(ctx, name, nil); err != nil {
			return err
		}
	default:
		lives, err := p.outbox.Lives(ctx, name, uid)
		if err != nil || lives {
			return err // where it lives the watch is behind, and wakes us
		}
		s := p.endOf(instance, uid)
		_, err = p.outbox.Send(ctx, name, instance.Status.Delivery, s, true)
		if err != nil {
			if instance.DeletionTimestamp == nil && !succeeded {
				return err // nobody waits: the instance is the outbox
			}
			if left := p.opts.FinalizerTimeout - p.outbox.HeldFor(uid, p.opts.Clock.Now()); left > 0 {
				p.queue.AddAfter(name, left)
				return err
			}
			p.outbox.Drop(ctx, name, instance.Status.Delivery, s, err)
		}
	}
	if record.IsPulled(instance) || instance.DeletionTimestamp != nil {
		return p.deleteRecord(ctx, instance)
	}
	return p.clearStatus(ctx, instance)
}

// endOf is the last that is known of a recorded pod.
func (p *Puller) endOf(instance *xosv1.KubernetesServiceInstance, uid types.UID) event.PodSnapshot {
	if ended, ok := p.outbox.LastState(cache.MetaObjectToName(instance), uid); ok {
		return delivery.SnapshotOfEnded(ended)
	}
	s := event.SnapshotOfRecord(instance, uid)
	s.DeletedAt = p.opts.Clock.Now()
	return s
}

// deleteRecord ends an instance without an event: the pod is not inventoried any more,
// or Kafka knows all.
func (p *Puller) deleteRecord(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	current, ok := p.instances.Get(cache.MetaObjectToName(instance))
	if !ok || !record.IsPulled(current) || current.DeletionTimestamp != nil {
		return nil
	}
	return deleteUnclaimed(ctx, p.instances, current)
}

// clearStatus says of an instance that a user made that its pod is not there. It is
// the user's to delete.
func (p *Puller) clearStatus(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	after := instance.DeepCopy()
	observe.ForgetPod(&after.Status)
	missing := outcome.Outcome{
		State: outcome.Waiting, Reason: xosv1.ReasonReferenceNotFound, Message: "there is no pod of this name to inventory",
	}
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(instance, missing), instance.Generation, metav1.NewTime(p.opts.Clock.Now()))
	after.Status.Delivery = nil
	_, err := p.instances.PatchStatus(ctx, instance, after)
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

// reportNameConflict says, once for each pod, that it can't be inventoried because a
// managed instance has its name.
func (p *Puller) reportNameConflict(ctx context.Context, pod *corev1.Pod) {
	if _, told := p.nameConflicts.LoadOrStore(pod.UID, true); told {
		return
	}
	nameConflictsTotal.Inc()
	klog.FromContext(ctx).Info("A pod is not inventoried: a managed KubernetesServiceInstance has its name and is not its own",
		"pod", klog.KObj(pod))
}
