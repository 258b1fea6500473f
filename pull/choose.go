package pull

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// choose waits until the KubernetesService says what is inventoried: a pull that is
// switched off must not begin with an inventory of everything. It returns false where
// the context ends first.
func (p *Puller) choose(ctx context.Context) bool {
	p.choosing.Lock()
	if s, ok := p.cluster.KubernetesServices.Get(cache.NewObjectName("", xosv1.DefaultKubernetesService)); ok {
		p.selectPods(s, s.Spec.Pull) // its event may still be on the way
	}
	p.choosing.Unlock()
	select {
	case <-p.chosen:
		return true
	case <-ctx.Done():
		return false
	}
}

// selectBy takes over a selection and has looked at what it touches. This is the
// one place that goes through all pods; the selection changes seldom.
func (p *Puller) selectBy(s *xosv1.KubernetesService, spec xosv1.PullSpec) {
	if s.Name != xosv1.DefaultKubernetesService {
		return
	}
	p.choosing.Lock()
	defer p.choosing.Unlock()
	p.selectPods(s, spec)
}

func (p *Puller) selectPods(s *xosv1.KubernetesService, spec xosv1.PullSpec) {
	after, err := record.NewSelection(spec)
	if err != nil {
		klog.Background().Error(err, "The selection of pods can't be read; the last one stays", "kubernetesService", s.Name)
		return
	}
	before := p.selection.Swap(after)
	p.chooseOnce.Do(func() { close(p.chosen) })
	select {
	case p.reselected <- struct{}{}:
	default:
	}
	for _, pod := range p.cluster.Pods.All() {
		if before.Enabled != after.Enabled || p.chosenBy(before, pod) != p.chosenBy(after, pod) {
			p.enqueue(pod)
		}
	}
	if before.Enabled != after.Enabled {
		for _, i := range p.instances.ByIndex(byPulled, xosv1.PulledValue) {
			p.queue.Add(cache.MetaObjectToName(i))
		}
	}
}

func (p *Puller) chosenBy(s *record.Selection, pod *corev1.Pod) record.Choice {
	namespace, _ := p.cluster.Namespaces.Get(cache.NewObjectName("", pod.Namespace))
	return s.Pod(pod, namespace)
}
