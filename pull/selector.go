package pull

import (
	"context"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// podSelector holds the selection of pods that the KubernetesService asks for.
type podSelector struct {
	cluster *cluster.Cluster
	// changed is called, one call at a time, with each new selection.
	changed func(before, after *record.Selection)

	selection atomic.Pointer[record.Selection]
	// reselected receives after each change.
	reselected chan struct{}
	// chosen is closed when it is known for the first time what is inventoried.
	chosen     chan struct{}
	chooseOnce sync.Once
	choosing   sync.Mutex
}

// newPodSelector returns a selector that selects nothing yet.
func newPodSelector(c *cluster.Cluster, changed func(before, after *record.Selection)) *podSelector {
	s := &podSelector{cluster: c, changed: changed, reselected: make(chan struct{}, 1), chosen: make(chan struct{})}
	s.selection.Store(record.SelectNothing())
	return s
}

// choose waits until the KubernetesService says what is inventoried: a pull that is
// switched off must not begin with an inventory of everything. It returns false where
// the context ends first.
func (s *podSelector) choose(ctx context.Context) bool {
	s.choosing.Lock()
	if service, ok := s.cluster.KubernetesServices.Get(cache.NewObjectName("", xosv1.DefaultKubernetesService)); ok {
		s.selectPods(service, service.Spec.Pull) // its event may still be on the way
	}
	s.choosing.Unlock()
	select {
	case <-s.chosen:
		return true
	case <-ctx.Done():
		return false
	}
}

// selectBy takes over the selection of a KubernetesService.
func (s *podSelector) selectBy(service *xosv1.KubernetesService, spec xosv1.PullSpec) {
	if service.Name != xosv1.DefaultKubernetesService {
		return
	}
	s.choosing.Lock()
	defer s.choosing.Unlock()
	s.selectPods(service, spec)
}

func (s *podSelector) selectPods(service *xosv1.KubernetesService, spec xosv1.PullSpec) {
	after, err := record.NewSelection(spec)
	if err != nil {
		klog.Background().Error(err, "The selection of pods can't be read; the last one stays", "kubernetesService", service.Name)
		return
	}
	before := s.selection.Swap(after)
	s.chooseOnce.Do(func() { close(s.chosen) })
	select {
	case s.reselected <- struct{}{}:
	default:
	}
	s.changed(before, after)
}

// chosenBy returns whether a selection chooses a pod.
func (s *podSelector) chosenBy(selection *record.Selection, pod *corev1.Pod) record.Choice {
	namespace, _ := s.cluster.Namespaces.Get(cache.NewObjectName("", pod.Namespace))
	return selection.Pod(pod, namespace)
}

// selectionChanged enqueues what a new selection touches. This is the one place that
// goes through all pods; the selection changes seldom.
func (p *Puller) selectionChanged(before, after *record.Selection) {
	for _, pod := range p.cluster.Pods.All() {
		if before.Enabled != after.Enabled || p.selector.chosenBy(before, pod) != p.selector.chosenBy(after, pod) {
			p.enqueue(pod)
		}
	}
	if before.Enabled != after.Enabled {
		for _, i := range p.instances.ByIndex(byPulled, xosv1.PulledValue) {
			p.queue.Add(cache.MetaObjectToName(i))
		}
	}
}
