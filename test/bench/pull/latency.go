package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// latencies measures how long it takes from a change of a pod, as a watch shows it, until a
// consumer that reads what is committed has the event.
type latencies struct {
	mu sync.Mutex
	// seen and read are when an event was seen by the watch and by the consumer, by its ID, until
	// it was seen by both.
	seen, read map[string]time.Time
	took       []time.Duration
	// last is when the consumer read the last event.
	last time.Time
	// starting has an entry for each pod that was created and does not run yet, up to as many as
	// the loader has start at a time.
	starting chan struct{}
	// existing and running are the pods of each turn.
	existing, running map[string]map[string]bool
}

func newLatencies() *latencies {
	return &latencies{starting: make(chan struct{}, starting), seen: map[string]time.Time{}, read: map[string]time.Time{}, existing: map[string]map[string]bool{}, running: map[string]map[string]bool{}}
}

// watchPods notes the changes of pods until the context ends.
func (l *latencies) watchPods(ctx context.Context, kube kubernetes.Interface) error {
	factory := informers.NewSharedInformerFactory(kube, 0)
	informer := factory.Core().V1().Pods().Informer()
	if err := informer.SetTransform(func(o any) (any, error) {
		if pod, ok := o.(*corev1.Pod); ok {
			pod.ManagedFields = nil
		}
		return o, nil
	}); err != nil {
		return err
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) {
			pod := o.(*corev1.Pod)
			l.pod(pod, string(pod.UID)+"."+string(xosv1.EventCreated), false)
		},
		UpdateFunc: func(_, o any) {
			pod := o.(*corev1.Pod)
			l.pod(pod, string(pod.UID)+"."+pod.ResourceVersion, false)
		},
		DeleteFunc: func(o any) {
			if pod, ok := o.(*corev1.Pod); ok {
				l.pod(pod, string(pod.UID)+"."+string(xosv1.EventDeleted), true)
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("list the pods: %w", ctx.Err())
	}
	return nil
}

func (l *latencies) pod(pod *corev1.Pod, id string, gone bool) {
	now, turn, name := time.Now(), pod.Labels[turnLabel], pod.Namespace+"/"+pod.Name
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.existing[turn] == nil {
		l.existing[turn], l.running[turn] = map[string]bool{}, map[string]bool{}
	}
	l.existing[turn][name] = true
	if running(pod) {
		if !l.running[turn][name] {
			select {
			case <-l.starting:
			default: // the loader does not count it
			}
		}
		l.running[turn][name] = true
	}
	if gone {
		delete(l.existing[turn], name)
		delete(l.running[turn], name)
	}
	if _, ok := l.read[id]; ok { // the consumer was first
		delete(l.read, id)
		l.took = append(l.took, 0)
		return
	}
	l.seen[id] = now
}

// counts are how many pods of a turn there are, and how many of them run.
func (l *latencies) counts(turn string) (existing, running int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.existing[turn]), len(l.running[turn])
}

// consume reads the topic of details until the context ends.
func (l *latencies) consume(ctx context.Context, broker string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(kafka.DefaultTopic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(10*time.Millisecond))
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		now := time.Now()
		l.mu.Lock()
		fetches.EachRecord(func(r *kgo.Record) {
			for _, h := range r.Headers {
				if h.Key == "ce_id" {
					l.event(string(h.Value), now)
				}
			}
		})
		l.mu.Unlock()
	}
}

// event notes that the consumer has an event. The lock is held.
func (l *latencies) event(id string, now time.Time) {
	l.last = now
	if seen, ok := l.seen[id]; ok {
		delete(l.seen, id)
		l.took = append(l.took, now.Sub(seen))
		return
	}
	l.read[id] = now
}

// take returns what was measured since the last call, sorted, and when the last event was read.
func (l *latencies) take() (took []time.Duration, last time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	took, l.took = l.took, nil
	slices.Sort(took)
	return took, l.last
}

// percentile of what is sorted; 0 where there is nothing.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}
