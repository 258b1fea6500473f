package fairqueue

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/cache"
)

func newFairQueue(workers int) *Queue[cache.ObjectName] {
	return New(func(o cache.ObjectName) string { return o.Namespace }, workers)
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
