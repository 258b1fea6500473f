package pull

import (
	"context"

	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// isOfAnother says whether the pod that an instance recorded is not its to record
// any more: one of another namespace, from when the instance was managed, or one that
// a managed instance has taken over since.
func (p *Puller) isOfAnother(i *xosv1.KubernetesServiceInstance) bool {
	name := cache.MetaObjectToName(i)
	if record.PodName(i) != name {
		return true
	}
	pod := p.pods.get(name)
	if pod == nil || pod.UID != record.PodUID(i) {
		return false
	}
	_, made := p.counterparts.creatorOf(pod)
	return made
}

// handOver ends the record of a pod that is another instance's to announce, without an
// event. What Kafka knows of the pod stays in memory for that one.
func (p *Puller) handOver(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	p.retainDelivery(instance.Status.Delivery)
	p.queue.Add(record.PodName(instance))
	if pod := p.pods.get(record.PodName(instance)); pod != nil {
		p.enqueue(pod)
	}
	if record.IsPulled(instance) {
		return p.deleteRecord(ctx, instance)
	}
	return p.clearStatus(ctx, instance)
}

// retainDelivery keeps in memory what Kafka has acknowledged of a pod that has not ended,
// for the time when no record tells it.
func (p *Puller) retainDelivery(d *xosv1.Delivery) {
	if event.AwaitsDeleted(d) != "" && p.opts.Publisher != nil {
		p.outbox.Acknowledge(*p.outbox.Latest(d.UID, d))
	}
}
