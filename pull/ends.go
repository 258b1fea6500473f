package pull

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// podEnded remembers the last state of a pod, for the instance that is to announce
// its end.
func (p *Puller) podEnded(pod *corev1.Pod) {
	if p.opts.Publisher == nil {
		return
	}
	name := cache.MetaObjectToName(pod)
	if maker, made := p.maker(pod); made {
		name = maker.Name
	}
	p.memory.podEnded(name, pod, p.chosenBy(p.selection.Load(), pod) == record.Selected, p.opts.Clock.Now())
}

// rememberEnd keeps the end of a pod that an instance records, where the instance
// goes before Kafka has heard of that.
func (p *Puller) rememberEnd(i *xosv1.KubernetesServiceInstance) {
	uid := record.PodUID(i)
	if uid == "" || p.opts.Publisher == nil || p.pods.has(record.PodName(i), uid) {
		return
	}
	if d := i.Status.Delivery; d != nil && d.UID == uid && d.Status == xosv1.EventDeleted {
		return
	}
	p.memory.recordEnded(cache.MetaObjectToName(i), record.LastPod(i), p.opts.Clock.Now())
}
