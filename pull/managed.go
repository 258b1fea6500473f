package pull

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// reconcileManaged tells Kafka of the pods of a managed instance: those that ended, in
// order, then the one that lives. Of the instance only status.delivery is
// written; all else is its controller's.
//
// The end of a pod is known from the watch, with all that the pod showed, or
// after a restart from status.delivery, which names the pod alone. If the
// instance itself ends while this process does not look, the last "deleted" is
// lost; a durable outbox has to take it over.
func (p *Puller) reconcileManaged(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	p.checkNameConflict(ctx, instance)
	return p.deliverAndRecord(ctx, instance, instance.DeepCopy(), func() (*xosv1.Delivery, error) { return p.sendManaged(ctx, instance) })
}

func (p *Puller) sendManaged(ctx context.Context, instance *xosv1.KubernetesServiceInstance) (*xosv1.Delivery, error) {
	name := cache.MetaObjectToName(instance)
	delivery, err := p.outbox.SendEnded(ctx, name, instance.Status.Delivery)
	if err != nil {
		return delivery, err
	}
	pod := p.podOf(instance)
	if uid := event.AwaitsDeleted(delivery); uid != "" && (pod == nil || pod.UID != uid) {
		delivery, err = p.sendForgotten(ctx, instance, delivery, uid)
		if err != nil {
			return delivery, err
		}
	}
	if pod == nil {
		p.outbox.Settled(name)
		return delivery, nil
	}
	return p.outbox.Send(ctx, name, delivery, event.SnapshotOfPod(pod), false)
}

// sendForgotten publishes the end of a pod that was not watched.
func (p *Puller) sendForgotten(ctx context.Context, instance *xosv1.KubernetesServiceInstance, delivery *xosv1.Delivery, uid types.UID) (*xosv1.Delivery, error) {
	name := cache.MetaObjectToName(instance)
	if pod := p.disowned(instance, uid); pod != nil {
		p.retainDelivery(delivery)
		p.enqueue(pod)
		return nil, nil
	}
	if lives, err := p.outbox.Lives(ctx, record.PodName(instance), uid); err != nil || lives {
		return delivery, err // where it lives the watch is behind, and wakes us
	}
	s := p.endOf(instance, uid) // only now: the watch may just have shown it, with all its labels
	sent, err := p.outbox.Send(ctx, name, delivery, s, true)
	if err == nil {
		return sent, nil
	}
	if left := p.opts.FinalizerTimeout - p.outbox.HeldFor(uid, p.opts.Clock.Now()); left > 0 {
		p.queue.AddAfter(name, left)
		return delivery, err
	}
	p.outbox.Drop(ctx, name, delivery, s, err)
	lost := event.DeliveryOf(delivery, uid)
	lost.Status = xosv1.EventDeleted
	return &lost, nil
}

// disowned is a pod that lives, that this managed instance announced, and that is not
// its pod after all. It is for another to announce from now on.
func (p *Puller) disowned(instance *xosv1.KubernetesServiceInstance, uid types.UID) *corev1.Pod {
	for _, name := range []cache.ObjectName{cache.MetaObjectToName(instance), record.PodName(instance)} {
		if pod := p.pods.get(name); pod != nil && pod.UID == uid {
			return pod
		}
	}
	for _, pod := range p.cluster.Pods.ByIndex(byClaimedInstance, cache.MetaObjectToName(instance).String()) {
		if pod.UID == uid && p.pods.has(cache.MetaObjectToName(pod), uid) {
			return pod
		}
	}
	return nil
}

// podOf is the pod of a managed instance: the one that it made or took over, or
// the one that it recorded before it was told to manage it.
func (p *Puller) podOf(instance *xosv1.KubernetesServiceInstance) *corev1.Pod {
	for _, pod := range p.cluster.Pods.ByIndex(byClaimedInstance, cache.MetaObjectToName(instance).String()) {
		if owner, made := p.counterparts.creatorOf(pod); made && owner.UID == instance.UID && p.pods.has(cache.MetaObjectToName(pod), pod.UID) {
			return pod
		}
	}
	if pod := p.podFor(cache.MetaObjectToName(instance)); pod != nil && pod.UID == record.PodUID(instance) {
		return pod
	}
	return nil
}

// checkNameConflict reports a pod that is not this managed instance's and has its name.
func (p *Puller) checkNameConflict(ctx context.Context, instance *xosv1.KubernetesServiceInstance) {
	pod, s := p.podFor(cache.MetaObjectToName(instance)), p.selector.selection.Load()
	if pod != nil && pod.UID != record.PodUID(instance) && s.Enabled && p.selector.chosenBy(s, pod) == record.Selected {
		if own := p.podOf(instance); own == nil || own.UID != pod.UID {
			p.reportNameConflict(ctx, pod)
		}
	}
}
