package faults_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// history records what the API server shows of pods, by a watch that is not the manager's
// and begins before it.
type history struct {
	plane *plane.Plane
	mark  audit.Mark
	pods  typedcorev1.PodInterface

	mu    sync.Mutex
	lives []life
	place map[types.UID]int
	// last are the pods as they were shown last, those that are there.
	last map[types.UID]*corev1.Pod
	// broken is why the watch ended, if it did by itself.
	broken error
}

// record begins a history of the pods of all namespaces, which ends with the test.
func record(t *testing.T, p *plane.Plane) *history {
	t.Helper()
	h := &history{plane: p, mark: p.AuditMark(t), place: map[types.UID]int{}, last: map[types.UID]*corev1.Pod{}}
	h.pods = kubernetes.NewForConfigOrDie(p.Config()).CoreV1().Pods(metav1.NamespaceAll)
	from, err := h.list(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var watching sync.WaitGroup
	watching.Go(func() {
		for ctx.Err() == nil {
			h.note(h.watch(ctx, from))
			// An API server that has restarted does not remember the version.
			if from, err = h.list(ctx); err != nil {
				h.note(err)
			}
		}
	})
	t.Cleanup(func() {
		stop()
		watching.Wait()
	})
	return h
}

// note notes why the watch has ended; nil where it goes on.
func (h *history) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = err
}

// list takes in the pods that there are, and returns the version of the list.
func (h *history) list(ctx context.Context) (string, error) {
	list, err := h.pods.List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	there := map[types.UID]bool{}
	for i := range list.Items {
		there[list.Items[i].UID] = true
		h.see(watch.Modified, &list.Items[i])
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for uid := range h.last {
		if !there[uid] {
			h.lives[h.place[uid]].ended = time.Now()
			delete(h.last, uid)
		}
	}
	h.broken = nil
	return list.ResourceVersion, nil
}

// watch takes in what a watch shows, until it ends for good.
func (h *history) watch(ctx context.Context, from string) error {
	w, err := watchtools.NewRetryWatcherWithContext(ctx, from, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) { return h.pods.Watch(ctx, o) },
	})
	if err != nil {
		return err
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		pod, ok := e.Object.(*corev1.Pod)
		if !ok {
			return fmt.Errorf("the watch of the history ended: %v", e.Object)
		}
		h.see(e.Type, pod)
	}
	return errors.New("the watch of the history ended")
}

func (h *history) see(what watch.EventType, pod *corev1.Pod) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i, known := h.place[pod.UID]
	if !known {
		i = len(h.lives)
		h.place[pod.UID] = i
		h.lives = append(h.lives, life{uid: pod.UID, namespace: pod.Namespace, name: pod.Name, born: time.Now()})
	}
	h.last[pod.UID] = pod
	if what == watch.Deleted {
		h.lives[i].ended = time.Now()
		delete(h.last, pod.UID)
	}
}

// of returns the lives in namespaces, and the pods that are there.
func (h *history) of(namespaces ...string) (lives []life, there map[types.UID]*corev1.Pod) {
	h.mu.Lock()
	defer h.mu.Unlock()
	there = map[types.UID]*corev1.Pod{}
	for _, l := range h.lives {
		if !slices.Contains(namespaces, l.namespace) {
			continue
		}
		lives = append(lives, l)
		if pod := h.last[l.uid]; pod != nil {
			there[l.uid] = pod
		}
	}
	return lives, there
}

// knows returns nil where the history has come to a pod.
func (h *history) knows(uid types.UID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken != nil {
		return h.broken
	}
	if _, ok := h.place[uid]; !ok {
		return errors.New("the history has not come to the pod")
	}
	return nil
}

// requireWhole checks the watch by what the API server has logged and what it lists: no
// pod was made that the watch has not shown, and those that are there are those that have
// not ended.
func (h *history) requireWhole(t *testing.T, namespaces ...string) {
	t.Helper()
	made := 0
	for _, e := range h.plane.AuditSince(t, h.mark) {
		ref := e.ObjectRef
		if e.Verb == "create" && e.Code() == 201 && ref != nil && ref.Resource == "pods" && ref.Subresource == "" && slices.Contains(namespaces, ref.Namespace) {
			made++
		}
	}
	client := kubernetes.NewForConfigOrDie(h.plane.Config()).CoreV1()
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		var listed []string
		for _, namespace := range namespaces {
			pods, err := client.Pods(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return false, err.Error()
			}
			for _, pod := range pods.Items {
				listed = append(listed, string(pod.UID))
			}
		}
		lives, there := h.of(namespaces...)
		var shown []string
		for uid := range there {
			shown = append(shown, string(uid))
		}
		slices.Sort(listed)
		slices.Sort(shown)
		return len(lives) == made && slices.Equal(listed, shown),
			fmt.Sprintf("the history has %d pods of %d that the audit log has, and %d that are there of %d that are listed", len(lives), made, len(shown), len(listed))
	})
}
