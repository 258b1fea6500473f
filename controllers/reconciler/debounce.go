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
	// statusDebounce is for how long news of progress is held back where Options say
	// nothing else.
	statusDebounce = time.Second
	// reportRate is how much news of progress a kind tells in a second, reportBurst
	// how much at once, all namespaces together: a thousand objects made together
	// are made first.
	reportRate, reportBurst = 10, 10
)

// canWait says for how long news of an object may be held back. That it is on
// its way, or waits, is old news in a moment in most cases, and of many objects
// at once it would keep the API server from making them; everything else is
// said at once, and so is that an object is not ready any more: somebody may wait
// for that it is. Only where this pass is mending that, by making again what was
// lost, the object has its time to be as it was. What an external kind has done
// only this pass can tell.
func (c *controller[T]) canWait(object T, reached outcome.Outcome, mending bool) time.Duration {
	name, now := cache.MetaObjectToName(object), c.opts.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	until, waits := c.limiter.until[name]
	wasReady := isReady(object)
	switch {
	case !underway(reached), wasReady && !mending && !waits, c.kind.Custom != nil:
		c.limiter.drop(name)
		return 0
	case waits && now.Before(until):
		return until.Sub(now)
	}
	patience := c.opts.StatusDebounce
	told := waits && (wasReady || c.limiter.accept(name, now))
	if waits && !told {
		// As long as it takes to tell of all that wait in the namespace, so that each
		// asks once or twice.
		patience += time.Duration(rand.Float64() * float64(c.limiter.queue(name))) //nolint:gosec // spreads, and hides nothing
	}
	c.limiter.hold(name, now, now.Add(patience))
	if told {
		return 0
	}
	return patience
}

// forgetPending drops what is remembered of the telling about an object.
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
