package pull

import (
	"context"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
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
	// spec is what the selection was made of.
	spec *xosv1.PullSpec
}

// newPodSelector returns a selector that selects nothing yet.
func newPodSelector(c *cluster.Cluster) *podSelector {
	s := &podSelector{cluster: c, reselected: make(chan struct{}, 1), chosen: make(chan struct{})}
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

// selectPods is called with choosing locked. A status that changes, which it does as pods come
// and go, selects nothing anew: full lists would be put off by each change.
func (s *podSelector) selectPods(service *xosv1.KubernetesService, spec xosv1.PullSpec) {
	if s.spec != nil && equality.Semantic.DeepEqual(*s.spec, spec) {
		return
	}
	after, err := record.NewSelection(spec)
	if err != nil {
		klog.Background().Error(err, "The selection of pods can't be read; the last one stays", "kubernetesService", service.Name)
		return
	}
	s.spec = &spec
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
