package engine

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// canWait says for how long news of an object may be held back. That it is on
// its way, or waits, is old news in a moment in most cases; everything else is
// said at once, and so is that an object is not ready any more: somebody may wait
// for that it is. What an external kind has done only this pass can tell.
func (c *controller[T]) canWait(object T, outcome verdict.Outcome) time.Duration {
	name, now := cache.MetaObjectToName(object), c.opts.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !underway(outcome) || isReady(object) || c.kind.External != nil {
		delete(c.unsaid, name)
		return 0
	}
	until, ok := c.unsaid[name]
	if ok && !now.Before(until) {
		c.unsaid[name] = now.Add(c.opts.Patience) // for what comes after this
		return 0
	}
	if !ok {
		until = now.Add(c.opts.Patience)
		c.unsaid[name] = until
	}
	return until.Sub(now)
}

// forget drops what is remembered of the telling about an object.
func (c *controller[T]) forget(name cache.ObjectName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.unsaid, name)
}

func isReady(o xosv1.Object) bool {
	return meta.IsStatusConditionTrue(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
}

func underway(o verdict.Outcome) bool {
	return o.State == verdict.Progressing || o.State == verdict.Waiting
}
