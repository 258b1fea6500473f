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
	many := o.pending.stored > cmp.Or(o.opts.MaxStored, DefaultMaxStored)
	o.mu.Unlock()
	if !ok {
		return o.opts.Cluster.Discard(ctx, id) // it was published meanwhile
	}
	if many {
		o.giveUpExcess(ctx)
	}
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
			o.wait(ctx, o.keeping, next)
			continue
		}
		o.giveUpExcess(ctx)
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

// giveUpExcess forgets the oldest of the ends that Kafka has to be told and does not ask for, while
// there are too many: whether they are stored, or remembered by a record that waits for them.
func (o *Outbox) giveUpExcess(ctx context.Context) {
	for _, i := range o.excess() {
		o.mu.Lock()
		if pending, ok := o.pending.get(i.ID); !ok || pending != i || i.ended == nil {
			o.mu.Unlock()
			continue // it was published meanwhile
		}
		o.givenUp++
		total, stored, end := o.givenUp, i.stored, i.ended.Entity
		o.mu.Unlock()
		klog.FromContext(ctx).Info("The end of a pod is given up: too many wait for Kafka", "pod", klog.KRef(end.Namespace, end.Name), "uid", end.UID)
		EventsTotal.WithLabelValues(string(end.Kind), string(xosv1.EventDeleted), lostResult).Inc()
		o.finish(ctx, end, stored)
		if o.opts.OnGivenUp != nil {
			o.opts.OnGivenUp(total)
		}
	}
}

func (o *Outbox) excess() []*item {
	limit := cmp.Or(o.opts.MaxStored, DefaultMaxStored)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending.items) <= limit {
		return nil
	}
	return o.pending.excess(limit, func(i *item) bool {
		return i.ended != nil && i.ended.Selected && !o.told[i.ID].OnInventory
	})
}

// storedElsewhere returns whether the cluster stores ends that this process knows nothing of: one
// that led before, and was frozen, may have stored them since. What it stored of an end that has
// been published meanwhile is discarded.
func (o *Outbox) storedElsewhere(ctx context.Context) bool {
	remembered, err := o.opts.Cluster.Recorded(ctx, func(event.ID) bool { return false })
	if err != nil {
		klog.FromContext(ctx).Info("The stored ends of pods can't be read, trying again with the next full list", "reason", err.Error())
		return false
	}
	found := false
	for _, r := range remembered {
		o.mu.Lock()
		_, waits := o.pending.get(r.ID)
		_, done := o.finished.Get(r.ID)
		o.mu.Unlock()
		switch {
		case !r.Stored || waits:
		case !done:
			found = true
		default:
			if err := o.opts.Cluster.Discard(ctx, r.ID); err != nil {
				klog.FromContext(ctx).Info("A stored end that was published can't be deleted, trying again with the next full list", "uid", r.UID, "reason", err.Error())
			}
		}
	}
	return found
}
