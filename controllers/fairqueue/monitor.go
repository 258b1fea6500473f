package fairqueue

import (
	"fmt"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// Monitor knows for how long the items of queues have been processed, so that a worker that is
// stuck is noticed. The zero value is ready to use.
type Monitor struct {
	mu     sync.Mutex
	queues []func(limit time.Duration) []string
}

// Stuck returns the items that have been processed for longer than a limit, as
// "Slice shop/web for 12m0s".
func (m *Monitor) Stuck(limit time.Duration) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, longerThan := range m.queues {
		all = append(all, longerThan(limit)...)
	}
	return all
}

// watch returns a queue whose items the monitor knows; the queue itself if there is no monitor.
func watch[K comparable](m *Monitor, name string, clock clock.PassiveClock, queue workqueue.TypedRateLimitingInterface[K]) workqueue.TypedRateLimitingInterface[K] {
	if m == nil {
		return queue
	}
	w := &watched[K]{TypedRateLimitingInterface: queue, name: name, clock: clock, begun: map[K]time.Time{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queues = append(m.queues, w.longerThan)
	return w
}

// watched is a queue that notes when the processing of each item began.
type watched[K comparable] struct {
	workqueue.TypedRateLimitingInterface[K]
	name  string
	clock clock.PassiveClock

	mu    sync.Mutex
	begun map[K]time.Time
}

// Get implements workqueue.TypedInterface.
func (w *watched[K]) Get() (item K, shutdown bool) {
	if item, shutdown = w.TypedRateLimitingInterface.Get(); !shutdown {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.begun[item] = w.clock.Now()
	}
	return item, shutdown
}

// Done implements workqueue.TypedInterface.
func (w *watched[K]) Done(item K) {
	w.mu.Lock()
	delete(w.begun, item) // before another worker may begin with it
	w.mu.Unlock()
	w.TypedRateLimitingInterface.Done(item)
}

func (w *watched[K]) longerThan(limit time.Duration) (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for item, begun := range w.begun {
		if took := w.clock.Since(begun); took > limit {
			all = append(all, fmt.Sprintf("%s %v for %s", w.name, item, took.Round(time.Second)))
		}
	}
	return all
}
