package pull

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// PodEnded remembers the last state of a pod, for the instance that is to announce
// its end.
func (p *Puller) podEnded(pod *corev1.Pod) {
	if p.opts.Publisher == nil {
		return
	}
	name := cache.MetaObjectToName(pod)
	if maker, made := p.counterparts.creatorOf(pod); made {
		name = maker.Name
	}
	p.outbox.PodEnded(name, pod, p.selector.chosenBy(p.selector.selection.Load(), pod) == record.Selected, p.opts.Clock.Now())
}

// missedEnd records the end of a pod that the watch has not shown and the server has
// just confirmed.
func (p *Puller) missedEnd(pod *corev1.Pod) {
	p.outbox.ConfirmDeleted(pod.UID)
	p.podEnded(pod)
	p.enqueue(pod)
}

// retainEnd keeps the end of a pod that an instance records, where the instance
// goes before Kafka has heard of that.
func (p *Puller) retainEnd(i *xosv1.KubernetesServiceInstance) {
	uid := record.PodUID(i)
	if uid == "" || p.opts.Publisher == nil || p.pods.has(record.PodName(i), uid) {
		return
	}
	if d := i.Status.Delivery; d != nil && d.UID == uid && d.Status == xosv1.EventDeleted {
		return
	}
	p.outbox.RecordEnded(cache.MetaObjectToName(i), record.LastPod(i), p.opts.Clock.Now())
}

// inventoried returns whether an ended pod was one that is inventoried, or that an
// instance made.
func (p *Puller) inventoried(ended delivery.EndedPod) bool {
	if _, made := p.counterparts.creatorOf(ended.Pod); made {
		return true
	}
	s := p.selector.selection.Load()
	choice := p.selector.chosenBy(s, ended.Pod)
	return s.Enabled && (choice == record.Selected || (choice == record.Unknown && ended.Selected))
}
