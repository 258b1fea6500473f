package engine

import (
	"math/rand/v2"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

const (
	// patience is for how long news of progress is held back where Options say
	// nothing else.
	patience = time.Second
	// newsRate is how much news of progress a kind tells in a second, newsBurst
	// how much at once, all namespaces together: a thousand objects made together
	// are made first.
	newsRate, newsBurst = 10, 10
)

// canWait says for how long news of an object may be held back. That it is on
// its way, or waits, is old news in a moment in most cases, and of many objects
// at once it would keep the API server from making them; everything else is
// said at once, and so is that an object is not ready any more: somebody may wait
// for that it is. Only where this pass is mending that, by making again what was
// lost, the object has its time to be as it was. What an external kind has done
// only this pass can tell.
func (c *controller[T]) canWait(object T, outcome verdict.Outcome, mending bool) time.Duration {
	name, now := cache.MetaObjectToName(object), c.opts.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	until, waits := c.news.until[name]
	wasReady := isReady(object)
	switch {
	case !underway(outcome), wasReady && !mending && !waits, c.kind.External != nil:
		c.news.drop(name)
		return 0
	case waits && now.Before(until):
		return until.Sub(now)
	}
	patience := c.opts.Patience
	told := waits && (wasReady || c.news.accept(name, now))
	if waits && !told {
		// As long as it takes to tell of all that wait in the namespace, so that each
		// asks once or twice.
		patience += time.Duration(rand.Float64() * float64(c.news.queue(name))) //nolint:gosec // spreads, and hides nothing
	}
	c.news.hold(name, now, now.Add(patience))
	if told {
		return 0
	}
	return patience
}

// forget drops what is remembered of the telling about an object.
func (c *controller[T]) forget(name cache.ObjectName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.news.drop(name)
}

func isReady(o xosv1.Object) bool {
	return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}

func underway(o verdict.Outcome) bool {
	return o.State == verdict.Progressing || o.State == verdict.Waiting
}
