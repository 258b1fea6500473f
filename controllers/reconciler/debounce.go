package reconciler

import (
	"math/rand/v2"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

const (
	// statusDebounce is the default of Options.StatusDebounce.
	statusDebounce = time.Second
	// reportRate is the number of progress reports of a kind in a second, reportBurst how many of
	// them may be sent at once, in all namespaces. While a thousand objects are created, creates
	// come before reports.
	reportRate, reportBurst = 10, 10
)

// canWait returns how long a progress report may be delayed. Failures and lost readiness are
// reported at once, unless this pass recreated the lost object. Most progress is outdated within a
// moment, and reports about many objects would slow down their creation. The results of a
// CustomReconciler are not delayed, since only this pass knows them.
func (c *controller[T]) canWait(object T, reached outcome.Outcome, recreated bool) time.Duration {
	name, now := cache.MetaObjectToName(object), c.opts.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	until, waits := c.limiter.until[name]
	wasReady := isReady(object)
	switch {
	case !underway(reached), wasReady && !recreated && !waits, c.kind.Custom != nil:
		c.limiter.drop(name)
		return 0
	case waits && now.Before(until):
		return until.Sub(now)
	}
	wait := c.opts.StatusDebounce
	accepted := waits && (wasReady || c.limiter.accept(name, now))
	if waits && !accepted {
		// As long as the reports of all objects in the namespace take, so that each object is
		// reconciled once or twice.
		wait += time.Duration(rand.Float64() * float64(c.limiter.queue(name))) //nolint:gosec // spreads, and hides nothing
	}
	c.limiter.hold(name, now, now.Add(wait))
	if accepted {
		return 0
	}
	return wait
}

// forgetPending drops the pending status of an object.
func (c *controller[T]) forgetPending(name cache.ObjectName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limiter.drop(name)
}

func isReady(o xosv1.Object) bool {
	return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}

func underway(o outcome.Outcome) bool {
	return o.State == outcome.Progressing || o.State == outcome.Waiting
}
