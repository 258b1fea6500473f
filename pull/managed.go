package pull

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// managedReconciler publishes the events of the pods that managed instances created.
type managedReconciler struct {
	keepEnded time.Duration
	queue     *instanceQueue
	pods      *instancePods
	selector  *podSelector
	pending   *pendingEvents
	// nameConflicts are the UIDs of the pods whose name conflict is reported.
	nameConflicts sync.Map
}

// reconcile tells Kafka of the pods of a managed instance: those that ended, in
// order, then the one that lives. Of the instance only status.delivery is
// written; all else is its controller's.
//
// The end of a pod is known from the watch, with all that the pod showed, or
// after a restart from status.delivery, which names the pod alone. If the
// instance itself ends while this process does not look, the last "deleted" is
// lost; a durable outbox has to take it over.
func (m *managedReconciler) reconcile(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	m.checkNameConflict(ctx, instance)
	return m.pending.deliverAndRecord(ctx, instance, instance.DeepCopy(), func() (*xosv1.Delivery, error) { return m.send(ctx, instance) })
}

func (m *managedReconciler) send(ctx context.Context, instance *xosv1.KubernetesServiceInstance) (*xosv1.Delivery, error) {
	name := cache.MetaObjectToName(instance)
	delivery, err := m.pending.SendEnded(ctx, name, instance.Status.Delivery)
	if err != nil {
		return delivery, err
	}
	pod := m.pods.podOf(instance)
	if uid := event.AwaitsDeleted(delivery); uid != "" && (pod == nil || pod.UID != uid) {
		delivery, err = m.sendForgotten(ctx, instance, delivery, uid)
		if err != nil {
			return delivery, err
		}
	}
	if pod == nil {
		m.pending.Settled(name)
		return delivery, nil
	}
	return m.pending.Send(ctx, name, delivery, event.SnapshotOfPod(pod), false)
}

// sendForgotten publishes the end of a pod that was not watched.
func (m *managedReconciler) sendForgotten(ctx context.Context, instance *xosv1.KubernetesServiceInstance, delivery *xosv1.Delivery, uid types.UID) (*xosv1.Delivery, error) {
	name := cache.MetaObjectToName(instance)
	if pod := m.pods.disowned(instance, uid); pod != nil {
		m.pending.retainDelivery(delivery)
		m.queue.addPod(pod)
		return nil, nil
	}
	if lives, err := m.pending.Lives(ctx, record.PodName(instance), uid); err != nil || lives {
		return delivery, err // where it lives the watch is behind, and wakes us
	}
	s := m.pending.endOf(instance, uid) // only now: the watch may just have shown it, with all its labels
	sent, err := m.pending.Send(ctx, name, delivery, s, true)
	if err == nil {
		return sent, nil
	}
	if left := m.keepEnded - m.pending.HeldFor(uid, m.pending.Clock.Now()); left > 0 {
		m.queue.AddAfter(name, left)
		return delivery, err
	}
	m.pending.Drop(ctx, name, delivery, s, err)
	lost := event.DeliveryOf(delivery, uid)
	lost.Status = xosv1.EventDeleted
	return &lost, nil
}

// checkNameConflict reports a pod that is not this managed instance's and has its name.
func (m *managedReconciler) checkNameConflict(ctx context.Context, instance *xosv1.KubernetesServiceInstance) {
	pod, s := m.pods.podFor(cache.MetaObjectToName(instance)), m.selector.selection.Load()
	if pod != nil && pod.UID != record.PodUID(instance) && s.Enabled && m.selector.chosenBy(s, pod) == record.Selected {
		if own := m.pods.podOf(instance); own == nil || own.UID != pod.UID {
			m.reportNameConflict(ctx, pod)
		}
	}
}

// reportNameConflict says, once for each pod, that it can't be inventoried because a
// managed instance has its name.
func (m *managedReconciler) reportNameConflict(ctx context.Context, pod *corev1.Pod) {
	if _, told := m.nameConflicts.LoadOrStore(pod.UID, true); told {
		return
	}
	nameConflictsTotal.Inc()
	klog.FromContext(ctx).Info("A pod is not inventoried: a managed KubernetesServiceInstance has its name and is not its own",
		"pod", klog.KObj(pod))
}
