package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"

	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// names is how many names the pods of a namespace share, so that they come again.
	names = 10
	// pace is the time between two steps in a namespace.
	pace = 120 * time.Millisecond
)

// load has pods come and go in namespaces until it is stopped. What the API server refuses
// is left at that: the history shows what became of it.
type load struct {
	s       *scene
	steps   atomic.Int64
	stop    context.CancelFunc
	running sync.WaitGroup
}

// startLoad begins the load of namespaces, which ends with the test at the latest.
func (s *scene) startLoad(namespaces ...string) *load {
	ctx, stop := context.WithCancel(s.Context())
	l := &load{s: s, stop: stop}
	for _, namespace := range namespaces {
		r := rand.New(rand.NewPCG(s.rand.Uint64(), s.rand.Uint64()))
		l.running.Go(func() { l.run(ctx, s.kube, namespace, r) })
	}
	s.Cleanup(l.end)
	return l
}

// end stops the load, and returns when nothing of it is under way.
func (l *load) end() {
	l.stop()
	l.running.Wait()
}

// more waits for so many further steps: it is the clock of a scenario, so that a slow
// machine has the same happen between two faults.
func (l *load) more(steps int) {
	l.s.Helper()
	until := l.steps.Load() + int64(steps)
	plane.Wait(l.s, waitTimeout, func(context.Context) (bool, string) {
		now := l.steps.Load()
		return now >= until, fmt.Sprintf("the load lacks %d of %d steps", until-now, steps)
	})
}

func (l *load) run(ctx context.Context, kube kubernetes.Interface, namespace string, r *rand.Rand) {
	p := &podsOf{kube: kube, namespace: namespace}
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l.step(context.WithoutCancel(ctx), p, r) // what it has asked for is answered
		l.steps.Add(1)
	}
}

// step does one thing to a pod, whether it is there or not.
func (l *load) step(ctx context.Context, p *podsOf, r *rand.Rand) {
	name := fmt.Sprintf("pod-%d", r.IntN(names))
	switch r.IntN(10) {
	case 0, 1, 2, 3:
		p.create(ctx, name)
	case 4:
		p.delete(ctx, name, 0)
	case 5:
		p.delete(ctx, name, 1) // kwok ends it
	case 6, 7:
		p.delete(ctx, name, 0)
		p.create(ctx, name) // another pod of the name
	case 8:
		p.label(ctx, name, r.IntN(1000))
	default:
		p.create(ctx, name)
		p.delete(ctx, name, 0) // it was short-lived
	}
}

// podsOf are the pods of a namespace.
type podsOf struct {
	kube      kubernetes.Interface
	namespace string
}

func (p *podsOf) create(ctx context.Context, name string) {
	_, err := p.kube.CoreV1().Pods(p.namespace).Create(ctx, newPod(name), metav1.CreateOptions{})
	tolerate(err)
}

func newPod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"xos_service": "demo"}},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: ptr.To[int64](1),
			Containers:                    []corev1.Container{{Name: "main", Image: "registry.example.org/team/web:1.2"}},
		},
	}
}

func (p *podsOf) delete(ctx context.Context, name string, grace int64) {
	tolerate(p.kube.CoreV1().Pods(p.namespace).Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &grace}))
}

func (p *podsOf) label(ctx context.Context, name string, value int) {
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{"turn":"%d"}}}`, value)
	_, err := p.kube.CoreV1().Pods(p.namespace).Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{})
	tolerate(err)
}

// tolerate accepts what an API server answers that is away or ends a namespace, or that has
// another pod of the name than the load believes; but not that the load is wrong.
func tolerate(err error) {
	if apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) {
		panic(err)
	}
}
