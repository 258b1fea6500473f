package reconciler

import (
	"context"
	"time"

	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func (c *controller[T]) inUse(object T) (by string, wait time.Duration) {
	if c.kind.InUse == nil {
		return "", 0
	}
	return c.kind.InUse(object, c.opts.Clock.Now())
}

// awaitUsers retains what a deleted object owns while another object needs it to be finalized.
// That is no deadlock: the wait is limited, and the deletion of the other object enqueues this one
// before.
func (c *controller[T]) awaitUsers(ctx context.Context, object T, by string, wait time.Duration) result {
	c.queue.AddAfter(cache.MetaObjectToName(object), wait)
	waiting := outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonTerminating, Message: "being deleted: still needed by " + by}
	return c.report(ctx, object, &Plan[T]{computeStatus: func(T) outcome.Outcome { return waiting }}, findings{})
}
