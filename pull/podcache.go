package pull

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

// podCache is the cache of pods, set right where a full list has shown it to be
// wrong. A correction stands until the watch speaks of that pod again.
type podCache struct {
	cached *store.Resource[*corev1.Pod]

	mu sync.Mutex
	// missed are pods that the cache should hold.
	missed map[cache.ObjectName]*corev1.Pod
	// gone are the UIDs of pods that it should not.
	gone map[cache.ObjectName]types.UID
}

func newPodCache(cached *store.Resource[*corev1.Pod]) *podCache {
	return &podCache{cached: cached, missed: map[cache.ObjectName]*corev1.Pod{}, gone: map[cache.ObjectName]types.UID{}}
}

func (p *podCache) get(name cache.ObjectName) *corev1.Pod {
	pod, ok := p.cached.Get(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if missed := p.missed[name]; missed != nil {
		return missed
	}
	if !ok || p.gone[name] == pod.UID {
		return nil
	}
	return pod
}

// has says whether this very pod is known.
func (p *podCache) has(name cache.ObjectName, uid types.UID) bool {
	pod := p.get(name)
	return pod != nil && pod.UID == uid
}

func (p *podCache) add(pod *corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missed[cache.MetaObjectToName(pod)] = pod
	delete(p.gone, cache.MetaObjectToName(pod))
}

func (p *podCache) remove(pod *corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[cache.MetaObjectToName(pod)] = pod.UID
	delete(p.missed, cache.MetaObjectToName(pod))
}

// dropCorrection drops the corrections of a pod that the watch has shown since.
func (p *podCache) dropCorrection(name cache.ObjectName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.missed, name)
	delete(p.gone, name)
}
