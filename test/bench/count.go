package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// counter watches one resource and counts those that satisfy a condition.
type counter struct {
	mu      sync.Mutex
	holds   map[string]bool
	changed chan struct{}
	stop    context.CancelFunc
	// began, where not nil, is told the name of each that begins to satisfy it.
	began func(name string)
}

func newCounter(
	ctx context.Context, c clients, resource schema.GroupVersionResource, domain, selector string,
	holds func(*unstructured.Unstructured) bool, began func(name string),
) *counter {
	ctx, stop := context.WithCancel(ctx)
	n := &counter{holds: map[string]bool{}, changed: make(chan struct{}, 1), stop: stop, began: began}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(c.dynamic, 0, domain, func(o *metav1.ListOptions) { o.LabelSelector = selector })
	informer := factory.ForResource(resource).Informer()
	set := func(o any, held bool) {
		if gone, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = gone.Obj
		}
		name := o.(*unstructured.Unstructured).GetName()
		n.mu.Lock()
		fresh := held && !n.holds[name]
		if held {
			n.holds[name] = true
		} else {
			delete(n.holds, name)
		}
		n.mu.Unlock()
		if fresh && n.began != nil {
			n.began(name)
		}
		select {
		case n.changed <- struct{}{}:
		default:
		}
	}
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { set(o, holds(o.(*unstructured.Unstructured))) },
		UpdateFunc: func(_, o any) { set(o, holds(o.(*unstructured.Unstructured))) },
		DeleteFunc: func(o any) { set(o, false) },
	})
	go informer.RunWithContext(ctx)
	cache.WaitForCacheSync(ctx.Done(), informer.HasSynced)
	return n
}

// count is how many there are now.
func (n *counter) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.holds)
}

// await waits until the count is as wanted and returns how long that took.
func (n *counter) await(ctx context.Context, want int, since time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		have := n.count()
		if have == want {
			return time.Since(since), nil
		}
		select {
		case <-n.changed:
		case <-ctx.Done():
			return 0, fmt.Errorf("%d of %d: %w", have, want, ctx.Err())
		}
	}
}

func present(*unstructured.Unstructured) bool { return true }

// condition makes a function that says whether a condition is True. It reads in
// place: whatever the bench does runs on the processors that it measures.
func condition(kind string) func(*unstructured.Unstructured) bool {
	return func(o *unstructured.Unstructured) bool {
		status, _ := o.Object["status"].(map[string]any)
		conditions, _ := status["conditions"].([]any)
		for _, c := range conditions {
			if m, ok := c.(map[string]any); ok && m["type"] == kind {
				return m["status"] == "True"
			}
		}
		return false
	}
}
