package pull

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// pendingEvents keeps in the outbox what is pending of pods that no record reports, and
// writes to records what Kafka has acknowledged.
type pendingEvents struct {
	*delivery.Outbox
	instances    store.CustomWriter[*xosv1.KubernetesServiceInstance]
	pods         *podCache
	counterparts *counterparts
	selector     *podSelector
}

// deliverAndRecord sends, and writes what came of it together with whatever else
// has changed in the status. A failure to send is returned after the write.
func (e *pendingEvents) deliverAndRecord(ctx context.Context, before, after *xosv1.KubernetesServiceInstance, deliver func() (*xosv1.Delivery, error)) error {
	delivery, sendErr := deliver()
	after.Status.Delivery = delivery
	_, err := e.instances.PatchStatus(ctx, before, after)
	switch {
	case apierrors.IsNotFound(err):
		return sendErr // it ended meanwhile; what was acknowledged stays in memory
	case err != nil:
		return err
	}
	if delivery != nil {
		e.Recorded(delivery.UID)
		e.retainUnrecorded(before, delivery)
	}
	return sendErr
}

// podEnded remembers the last state of a pod, for the instance that is to announce
// its end.
func (e *pendingEvents) podEnded(pod *corev1.Pod) {
	if e.Publisher == nil {
		return
	}
	name := cache.MetaObjectToName(pod)
	if maker, made := e.counterparts.creatorOf(pod); made {
		name = maker.Name
	}
	e.PodEnded(name, pod, e.selector.chosenBy(e.selector.selection.Load(), pod) == record.Selected, e.Clock.Now())
}

// retainEnd keeps the end of a pod that an instance records, where the instance
// goes before Kafka has heard of that.
func (e *pendingEvents) retainEnd(i *xosv1.KubernetesServiceInstance) {
	uid := record.PodUID(i)
	if uid == "" || e.Publisher == nil || e.pods.has(record.PodName(i), uid) {
		return
	}
	if d := i.Status.Delivery; d != nil && d.UID == uid && d.Status == xosv1.EventDeleted {
		return
	}
	e.RecordEnded(cache.MetaObjectToName(i), record.LastPod(i), e.Clock.Now())
}

// inventoried returns whether an ended pod was one that is inventoried, or that an
// instance made.
func (e *pendingEvents) inventoried(ended delivery.EndedPod) bool {
	if _, made := e.counterparts.creatorOf(ended.Pod); made {
		return true
	}
	s := e.selector.selection.Load()
	choice := e.selector.chosenBy(s, ended.Pod)
	return s.Enabled && (choice == record.Selected || (choice == record.Unknown && ended.Selected))
}

// retainDelivery keeps in memory what Kafka has acknowledged of a pod that has not ended,
// for the time when no record tells it.
func (e *pendingEvents) retainDelivery(d *xosv1.Delivery) {
	if event.AwaitsDeleted(d) != "" && e.Publisher != nil {
		e.Acknowledge(*e.Latest(d.UID, d))
	}
}

// retainUnrecorded keeps in memory what was written into a record that has ended by
// now. It comes after the state was told that the record has it: the watch may have
// shown the record's end before the answer to that write was here.
func (e *pendingEvents) retainUnrecorded(instance *xosv1.KubernetesServiceInstance, delivery *xosv1.Delivery) {
	if current, ok := e.instances.Get(cache.MetaObjectToName(instance)); !ok || current.UID != instance.UID {
		e.retainDelivery(delivery)
	}
}

// endOf is the last that is known of a recorded pod.
func (e *pendingEvents) endOf(instance *xosv1.KubernetesServiceInstance, uid types.UID) event.PodSnapshot {
	if ended, ok := e.LastState(cache.MetaObjectToName(instance), uid); ok {
		return delivery.SnapshotOfEnded(ended)
	}
	s := event.SnapshotOfRecord(instance, uid)
	s.DeletedAt = e.Clock.Now()
	return s
}
