package delivery

import (
	"cmp"
	"context"
	"time"

	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// The functions of this file have ends outlive the process that nothing but its memory
// holds: the cluster stores them while Kafka is away.

// keepAfter is how long an end may wait for Kafka before it is stored: longer than a commit
// takes, so that nothing is stored while Kafka answers.
const keepAfter = 500 * time.Millisecond

// Secure makes the end of an entity outlive this process: it returns nil where Kafka
// knows of the entity, so that its absence tells, or else once the cluster stores it.
func (o *Outbox) Secure(ctx context.Context, end End) error {
	o.Ended(end)
	return o.secure(ctx, end.ID)
}

// secure is Secure for what is pending.
func (o *Outbox) secure(ctx context.Context, id event.ID) error {
	o.mu.Lock()
	i, pending := o.pending.get(id)
	if !pending || i.ended == nil || i.stored || o.told[id].OnInventory {
		o.mu.Unlock()
		return nil
	}
	end := *i.ended
	o.mu.Unlock()
	if err := o.opts.Cluster.Store(ctx, end); err != nil {
		return err
	}
	o.mu.Lock()
	i, ok := o.pending.get(id)
	if ok {
		o.pending.store(i)
	}
	o.mu.Unlock()
	if !ok {
		return o.opts.Cluster.Discard(ctx, id) // it was published meanwhile
	}
	o.giveUpOldest(ctx)
	return nil
}

// toKeep has an end stored unless it is published soon; at once where it has waited before,
// for then the object is gone that remembered it. It is called with the lock held.
func (o *Outbox) toKeep(i *item) {
	if _, ok := o.unkept[i.ID]; ok {
		return
	}
	o.unkept[i.ID] = i.endedAt.Add(keepAfter)
	select {
	case o.keeping <- struct{}{}:
	default:
	}
}

// keep stores the ends that wait for Kafka and that nothing but this process remembers, until
// the context ends. It does not wait for an attempt to publish to fail: until then the process
// may have died.
func (o *Outbox) keep(ctx context.Context) {
	for ctx.Err() == nil {
		due, next := o.dueToKeep()
		for _, id := range due {
			if err := o.keepOne(ctx, id); err != nil {
				klog.FromContext(ctx).Info("The end of a pod can't be kept, trying again", "uid", id.UID, "reason", err.Error())
				o.mu.Lock()
				o.unkept[id] = o.opts.Clock.Now().Add(lastPause)
				o.mu.Unlock()
			}
		}
		if len(due) == 0 {
			o.waitFor(ctx, o.keeping, next)
		}
	}
}

// dueToKeep takes the ends that have waited long enough. next is when the first of the others
// has; zero where there is none.
func (o *Outbox) dueToKeep() (due []event.ID, next time.Time) {
	now := o.opts.Clock.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, at := range o.unkept {
		switch {
		case !at.After(now):
			due = append(due, id)
			delete(o.unkept, id)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return due, next
}

func (o *Outbox) keepOne(ctx context.Context, id event.ID) error {
	o.mu.Lock()
	i, pending := o.pending.get(id)
	var end *End
	if pending {
		end = i.ended
	}
	o.mu.Unlock()
	if end == nil || !end.Selected || o.opts.Cluster.Remembers(*end) {
		return nil
	}
	return o.secure(ctx, id)
}

// giveUpOldest forgets the oldest of the stored ends while there are too many.
func (o *Outbox) giveUpOldest(ctx context.Context) {
	for {
		o.mu.Lock()
		oldest := o.pending.oldestStored(cmp.Or(o.opts.MaxStored, DefaultMaxStored))
		if oldest != nil {
			o.givenUp++
		}
		total := o.givenUp
		o.mu.Unlock()
		if oldest == nil {
			return
		}
		klog.FromContext(ctx).Info("The end of a pod is given up: too many wait for Kafka", "pod", klog.KRef(oldest.ended.Namespace, oldest.ended.Name), "uid", oldest.UID)
		EventsTotal.WithLabelValues(string(oldest.Kind), string(xosv1.EventDeleted), lostResult).Inc()
		o.finish(ctx, oldest.ended.Entity, true)
		if o.opts.OnGivenUp != nil {
			o.opts.OnGivenUp(total)
		}
	}
}
