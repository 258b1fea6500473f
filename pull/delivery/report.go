package delivery

import (
	"context"
	"errors"
	"time"

	"k8s.io/klog/v2"
)

// failed reports that nothing can be published.
func (o *Outbox) failed(ctx context.Context, err error) {
	now := o.opts.Clock.Now()
	o.mu.Lock()
	first := o.failing.IsZero()
	if first {
		o.failing = now
	}
	o.mu.Unlock()
	o.report(err)
	if errors.Is(err, ErrNotLeader) {
		klog.FromContext(ctx).Error(err, "Events are not published by this process")
	} else if first {
		klog.FromContext(ctx).Info("Events can't be published, trying again", "reason", err.Error())
	}
}

func (o *Outbox) succeeded() {
	o.mu.Lock()
	o.failing = time.Time{}
	o.mu.Unlock()
	o.report(nil)
}

func (o *Outbox) report(err error) {
	if o.opts.OnResult != nil {
		o.opts.OnResult(err)
	}
}
