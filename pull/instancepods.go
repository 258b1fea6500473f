package pull

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// instancePods finds the pod of an instance: the one that it records, or the one that it
// created.
type instancePods struct {
	*podCache
	cluster      *cluster.Cluster
	counterparts *counterparts
	queue        *instanceQueue
}

// podFor is the pod that an instance of this name records: the one of its name,
// unless a managed instance made it.
func (p *instancePods) podFor(name cache.ObjectName) *corev1.Pod {
	pod := p.get(name)
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

// podOf is the pod of a managed instance: the one that it made or took over, or
// the one that it recorded before it was told to manage it.
func (p *instancePods) podOf(instance *xosv1.KubernetesServiceInstance) *corev1.Pod {
	for _, pod := range p.cluster.Pods.ByIndex(byClaimedInstance, cache.MetaObjectToName(instance).String()) {
		if owner, made := p.counterparts.creatorOf(pod); made && owner.UID == instance.UID && p.has(cache.MetaObjectToName(pod), pod.UID) {
			return pod
		}
	}
	if pod := p.podFor(cache.MetaObjectToName(instance)); pod != nil && pod.UID == record.PodUID(instance) {
		return pod
	}
	return nil
}

// isOfAnother says whether the pod that an instance recorded is not its to record
// any more: one of another namespace, from when the instance was managed, or one that
// a managed instance has taken over since.
func (p *instancePods) isOfAnother(i *xosv1.KubernetesServiceInstance) bool {
	name := cache.MetaObjectToName(i)
	if record.PodName(i) != name {
		return true
	}
	pod := p.get(name)
	if pod == nil || pod.UID != record.PodUID(i) {
		return false
	}
	_, made := p.counterparts.creatorOf(pod)
	return made
}
