package fairqueue

import (
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// Queue is the storage of a workqueue in which namespaces take turns: however many items of one
// are queued, the next item of another is at most one turn away. Within a namespace the order is
// first in, first out.
//
// If the items in progress are counted too, a namespace may have no more workers than remain idle,
// so that its slow requests never occupy all of them: of twice as many workers as one namespace
// needs, it gets half. Without that count, Await and Done are not called.
type Queue[K comparable] struct {
	namespace func(K) string
	workers   int

	mu      sync.Mutex
	changed *sync.Cond
	// turns are the namespaces with queued items, the next one first.
	turns   []string
	waiting map[string][]K
	length  int
	// working counts the items in progress, by namespace; busy is their sum.
	working map[string]int
	busy    int
}

// NewWorkqueue creates a workqueue with a Queue as storage. The backoff of an item that fails
// repeatedly grows exponentially. The monitor, if any, knows what is processed.
func NewWorkqueue[K comparable](name string, clock clock.WithTicker, storage *Queue[K], monitor *Monitor) workqueue.TypedRateLimitingInterface[K] {
	delaying := workqueue.TypedDelayingQueueConfig[K]{
		Name: name, Clock: clock,
		Queue: workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[K]{Name: name, Clock: clock, Queue: storage}),
	}
	return watch(monitor, name, clock, workqueue.NewTypedRateLimitingQueueWithConfig(
		workqueue.NewTypedItemExponentialFailureRateLimiter[K](FirstRetry, lastRetry),
		workqueue.TypedRateLimitingQueueConfig[K]{DelayingQueue: workqueue.NewTypedDelayingQueueWithConfig(delaying)}))
}

var _ workqueue.Queue[string] = &Queue[string]{}

// New creates an empty queue of items that belong to namespaces. workers is the maximum number of
// items in progress; 0 if they are not counted.
func New[K comparable](namespace func(K) string, workers int) *Queue[K] {
	q := &Queue[K]{namespace: namespace, workers: workers, waiting: map[string][]K{}, working: map[string]int{}}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// Touch implements workqueue.Queue: an item that is added again retains its position.
func (q *Queue[K]) Touch(K) {}

// Push implements workqueue.Queue.
func (q *Queue[K]) Push(item K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	namespace := q.namespace(item)
	if len(q.waiting[namespace]) == 0 {
		q.turns = append(q.turns, namespace)
	}
	q.waiting[namespace] = append(q.waiting[namespace], item)
	q.length++
	q.changed.Broadcast()
}

// Len implements workqueue.Queue.
func (q *Queue[K]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.length
}

// Pop implements workqueue.Queue: it returns an item of the namespace whose last turn was longest
// ago, among those that may have another worker if there is one.
func (q *Queue[K]) Pop() K {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := max(0, slices.IndexFunc(q.turns, q.mayWork))
	namespace := q.turns[turn]
	q.turns = slices.Delete(q.turns, turn, turn+1)
	item := q.waiting[namespace][0]
	var none K
	q.waiting[namespace][0] = none // so that the array does not retain it
	if q.waiting[namespace] = q.waiting[namespace][1:]; len(q.waiting[namespace]) > 0 {
		q.turns = append(q.turns, namespace)
	} else {
		delete(q.waiting, namespace)
	}
	q.length--
	if q.workers > 0 {
		q.working[namespace]++
		q.busy++
	}
	return item
}

// mayWork returns whether a namespace may have another worker.
func (q *Queue[K]) mayWork(namespace string) bool {
	return q.workers == 0 || q.working[namespace] < q.workers-q.busy
}

// Await waits until an item may be processed: until one is queued whose namespace may have a
// worker or, if none is queued, until a worker is idle.
func (q *Queue[K]) Await() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.busy >= q.workers || len(q.turns) > 0 && !slices.ContainsFunc(q.turns, q.mayWork) {
		q.changed.Wait()
	}
}

// Done removes an item from those in progress.
func (q *Queue[K]) Done(item K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	namespace := q.namespace(item)
	if q.working[namespace]--; q.working[namespace] == 0 {
		delete(q.working, namespace)
	}
	q.busy--
	q.changed.Broadcast()
}

const (
	// FirstRetry and lastRetry bound the exponential backoff of a failing
	// object: never more than one attempt a second, never less than one a minute.
	FirstRetry = time.Second
	lastRetry  = time.Minute
)
