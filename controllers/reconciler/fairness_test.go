package reconciler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// TestSlowObjectsOfOneNamespaceHoldUpNobodyElse has each object of a namespace
// take for ever.
func TestSlowObjectsOfOneNamespaceHoldUpNobodyElse(t *testing.T) {
	y := newHarness(t)
	release, worked := make(chan struct{}), make(chan string, 1)
	y.plan = func(p parent, _ *Plan[parent]) error {
		if p.Namespace == "shop" {
			<-release
		} else {
			worked <- p.Namespace
		}
		return store.ErrNotRead // nothing to write
	}
	for n := range 10 * DefaultWorkers {
		y.addParent(fmt.Sprint(n), "shop")
	}
	y.parents.Show()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		y.controller.work(t.Context())
	}()
	for _, namespace := range []string{"one", "two", "three"} {
		y.addParent("a", "shop", func(p parent) { p.Namespace = namespace })
		y.parents.Show()
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
	y := newHarness(t)
	y.controller.opts.StatusDebounce = time.Second
	reached := outcome.InProgress("on its way")
	y.plan = func(_ parent, plan *Plan[parent]) error {
		plan.ComputeStatus(func(parent) outcome.Outcome { return reached })
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
	y.parents.Show()
	y.controller.enqueueAll()
	for range 2 {
		y.next(t)
	}
	require.Contains(t, y.controller.limiter.until, cache.NewObjectName("quiet", "a"), "it is not the second one to be worked on")
	settleAll(t, y)
	y.sent()
	y.clock.Step(time.Second)
	y.controller.queue.Add(cache.NewObjectName("quiet", "a"))
	settleAll(t, y)
	require.Contains(t, y.sent(), "patch parents/status a", "it waits for room")
}

// settleAll works on all that is queued, and shows what came of it.
func settleAll(t *testing.T, y *harness) {
	t.Helper()
	for y.controller.queue.Len() > 0 || y.parents.Show() {
		for y.controller.queue.Len() > 0 {
			y.next(t)
		}
	}
}
