package fairqueue

import (
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
)

// Queue is the storage of a workqueue in which namespaces take turns: however
// many items of one wait, the next item of another is at most one turn away. Within
// a namespace the order is that in which they came.
//
// Where the items that are worked on are counted too, a namespace may have no more
// workers than are left idle, so that its slow requests never hold all of them: of
// twice as many workers as one namespace needs, it has the half. Without that
// count, Take and Done are not called.
type Queue[K comparable] struct {
	namespace func(K) string
	workers   int

	mu      sync.Mutex
	changed *sync.Cond
	// turns are the namespaces whose items wait, the next one first.
	turns   []string
	waiting map[string][]K
	length  int
	// working counts the items that are worked on, by namespace; busy is their sum.
	working map[string]int
	busy    int
}

// NewWorkqueue makes a workqueue whose items wait in a Queue. An item that fails
// again waits longer each time.
func NewWorkqueue[K comparable](name string, clock clock.WithTicker, storage *Queue[K]) workqueue.TypedRateLimitingInterface[K] {
	delaying := workqueue.TypedDelayingQueueConfig[K]{
		Name: name, Clock: clock,
		Queue: workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[K]{Name: name, Clock: clock, Queue: storage}),
	}
	return workqueue.NewTypedRateLimitingQueueWithConfig(
		workqueue.NewTypedItemExponentialFailureRateLimiter[K](FirstRetry, lastRetry),
		workqueue.TypedRateLimitingQueueConfig[K]{DelayingQueue: workqueue.NewTypedDelayingQueueWithConfig(delaying)})
}

var _ workqueue.Queue[string] = &Queue[string]{}

// New makes an empty queue of items that belong to namespaces. workers is
// how many items are worked on at once at most; 0 where they are not counted.
func New[K comparable](namespace func(K) string, workers int) *Queue[K] {
	q := &Queue[K]{namespace: namespace, workers: workers, waiting: map[string][]K{}, working: map[string]int{}}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// Touch implements workqueue.Queue: an item that is added again keeps its place.
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

// Pop implements workqueue.Queue: it is the turn of the namespace whose last one
// was longest ago, of those that may have another worker where there is one.
func (q *Queue[K]) Pop() K {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := max(0, slices.IndexFunc(q.turns, q.mayWork))
	namespace := q.turns[turn]
	q.turns = slices.Delete(q.turns, turn, turn+1)
	item := q.waiting[namespace][0]
	var none K
	q.waiting[namespace][0] = none // not to be kept by the array
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

// mayWork says whether a namespace may have another worker.
func (q *Queue[K]) mayWork(namespace string) bool {
	return q.workers == 0 || q.working[namespace] < q.workers-q.busy
}

// Await waits until an item may be worked on: until one waits whose namespace may
// have a worker, or, where none waits at all, until a worker is idle.
func (q *Queue[K]) Await() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.busy >= q.workers || len(q.turns) > 0 && !slices.ContainsFunc(q.turns, q.mayWork) {
		q.changed.Wait()
	}
}

// Done says that an item is not worked on any more.
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
