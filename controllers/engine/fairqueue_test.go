package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

func newFairQueue(workers int) *FairQueue[cache.ObjectName] {
	return NewFairQueue(func(o cache.ObjectName) string { return o.Namespace }, workers)
}

func TestNamespacesTakeTurns(t *testing.T) {
	q := newFairQueue(0)
	for _, item := range []string{"a/1", "a/2", "a/3", "b/1", "c/1", "c/2"} {
		name, err := cache.ParseObjectName(item)
		require.NoError(t, err)
		q.Push(name)
		q.Touch(name)
	}
	var order []string
	for q.Len() > 0 {
		order = append(order, q.Pop().String())
	}
	require.Equal(t, []string{"a/1", "b/1", "c/1", "a/2", "c/2", "a/3"}, order)
	require.Empty(t, q.waiting)
}

// TestNoNamespaceWaitsMoreThanATurn pushes and pops at random, and counts between
// two turns of a namespace the turns of each other one.
func TestNoNamespaceWaitsMoreThanATurn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same run each time
	for range 50 {
		q := newFairQueue(0)
		pushed, popped := map[string]int{}, map[string]int{}
		since := map[string]map[string]int{} // by a namespace that waits, the turns of others
		for step := range 500 {
			if random.IntN(2) == 0 || q.Len() == 0 {
				namespace := fmt.Sprint(random.IntN(1 + random.IntN(8)))
				q.Push(cache.NewObjectName(namespace, fmt.Sprint(pushed[namespace])))
				if pushed[namespace]++; since[namespace] == nil {
					since[namespace] = map[string]int{}
				}
				continue
			}
			item := q.Pop()
			require.Equal(t, fmt.Sprint(popped[item.Namespace]), item.Name, "a namespace's own order is lost in step %d", step)
			popped[item.Namespace]++
			for namespace, turns := range since {
				if turns[item.Namespace]++; namespace != item.Namespace {
					require.LessOrEqual(t, turns[item.Namespace], 1, "%s waits for a second turn of %s in step %d", namespace, item.Namespace, step)
				}
			}
			if delete(since, item.Namespace); pushed[item.Namespace] > popped[item.Namespace] {
				since[item.Namespace] = map[string]int{}
			}
		}
		sum := 0
		for namespace := range pushed {
			sum += pushed[namespace] - popped[namespace]
		}
		require.Equal(t, sum, q.Len())
	}
}

func TestANamespaceNeverHoldsAllWorkers(t *testing.T) {
	const workers = 8
	q := newFairQueue(workers)
	for n := range 100 {
		q.Push(cache.NewObjectName("slow", fmt.Sprint(n)))
	}
	for range workers / 2 {
		q.Await()
		require.Equal(t, "slow", q.Pop().Namespace)
	}
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		q.Await()
	}()
	for n, namespace := range []string{"b", "c"} { // there are workers left for one, and then for another
		q.Push(cache.NewObjectName(namespace, "1"))
		if n == 0 {
			<-waited
		}
		q.Await()
		require.Equal(t, namespace, q.Pop().Namespace)
	}
	q.Done(cache.NewObjectName("slow", "0"))
	q.Done(cache.NewObjectName("b", "1"))
	q.Done(cache.NewObjectName("c", "1"))
	q.Await()
	require.Equal(t, cache.NewObjectName("slow", "4"), q.Pop())
}

// TestSlowObjectsOfOneNamespaceHoldUpNobodyElse has each object of a namespace
// take for ever.
func TestSlowObjectsOfOneNamespaceHoldUpNobodyElse(t *testing.T) {
	y := newToy(t)
	release, worked := make(chan struct{}), make(chan string, 1)
	y.plan = func(p parent, _ *Plan[parent]) error {
		if p.Namespace == "shop" {
			<-release
		} else {
			worked <- p.Namespace
		}
		return ErrNotRead // nothing to write
	}
	for n := range 10 * DefaultWorkers {
		y.addParent(fmt.Sprint(n), "shop")
	}
	y.parents.show()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		y.controller.work(t.Context())
	}()
	for _, namespace := range []string{"one", "two", "three"} {
		y.addParent("a", "shop", func(p parent) { p.Namespace = namespace })
		y.parents.show()
		select {
		case other := <-worked:
			require.Equal(t, namespace, other)
		case <-time.After(time.Minute):
			require.Fail(t, "it waits for another namespace's objects", namespace)
		}
	}
	close(release)
	y.controller.queue.ShutDown()
	<-stopped
}

// TestThousandsThatWaitDelayNobodyElse has a namespace's objects wait for what is
// not there: another namespace's are told of as if there were none.
func TestThousandsThatWaitDelayNobodyElse(t *testing.T) {
	y := newToy(t)
	y.controller.opts.Patience = time.Second
	outcome := verdict.InProgress("on its way")
	y.plan = func(_ parent, plan *Plan[parent]) error {
		plan.Observe(func(parent) verdict.Outcome { return outcome })
		return nil
	}
	const many = 2000
	for n := range many {
		y.addParent(fmt.Sprint(n), "shop")
	}
	y.settle(t)
	y.clock.Step(time.Second)
	y.controller.enqueueAll()
	settleAll(t, y)
	y.sent()

	y.addParent("a", "shop", func(p parent) { p.Namespace = "quiet" })
	y.parents.show()
	y.controller.enqueueAll()
	for range 2 {
		y.next(t)
	}
	require.Contains(t, y.controller.news.until, cache.NewObjectName("quiet", "a"), "it is not the second one to be worked on")
	settleAll(t, y)
	y.sent()
	y.clock.Step(time.Second)
	y.controller.queue.Add(cache.NewObjectName("quiet", "a"))
	settleAll(t, y)
	require.Contains(t, y.sent(), "patch parents/status a", "it waits for room")
}

// settleAll works on all that is queued, and shows what came of it.
func settleAll(t *testing.T, y *toy) {
	t.Helper()
	for y.controller.queue.Len() > 0 || y.parents.show() {
		for y.controller.queue.Len() > 0 {
			y.next(t)
		}
	}
}
