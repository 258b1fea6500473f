package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// finish notes that the end of an entity is published, or was never to be.
func (o *Outbox) finish(ctx context.Context, e event.Entity, stored bool) {
	o.mu.Lock()
	o.finished.Add(e.ID, struct{}{})
	delete(o.told, e.ID)
	delete(o.lost, e.ID)
	delete(o.unkept, e.ID)
	o.pending.remove(e.ID)
	o.mu.Unlock()
	if stored {
		if err := o.opts.Cluster.Discard(ctx, e.ID); err != nil {
			// The next session finds it again, and that it was published.
			klog.FromContext(ctx).Info("A stored end that was published can't be deleted", "uid", e.UID, "reason", err.Error())
		}
	}
	o.opts.Cluster.Settled(e)
}

// work is an item of a batch, and what is to be published of it.
type work struct {
	item  *item
	ended bool
	unit  Unit
	after event.Told
}

// publish publishes one batch. It returns whether there may be more at once, and else
// when the next item is due.
func (o *Outbox) publish(ctx context.Context, s Session) (more bool, next time.Time, err error) {
	if err := o.mayWrite(); err != nil {
		return false, time.Time{}, err
	}
	o.mu.Lock()
	items, next := o.pending.take(batchSize, o.opts.Clock.Now())
	o.mu.Unlock()
	if len(items) == 0 {
		return false, next, nil
	}
	batch, err := o.plan(ctx, items)
	if err != nil || len(batch) == 0 {
		return true, next, err
	}
	units := make([]Unit, len(batch))
	for i, w := range batch {
		units[i] = w.unit
	}
	results, err := s.Commit(ctx, units)
	if err != nil {
		countUnits(units, failedResult)
		return false, time.Time{}, err
	}
	var unavailable error
	for i, w := range batch {
		if o.settle(ctx, w, results[i]) {
			unavailable = results[i]
		}
	}
	switch {
	case unavailable != nil:
		o.report(unavailable)
	case next.IsZero():
		o.report(nil) // nothing waits for its partition
	}
	return true, next, nil
}

// plan returns what is to be published of items, and drops those of which nothing is.
func (o *Outbox) plan(ctx context.Context, items []*item) ([]work, error) {
	cluster, err := o.opts.Cluster.UID()
	if err != nil {
		return nil, err
	}
	var batch []work
	for _, i := range items {
		if err := o.confirm(ctx, i); err != nil {
			klog.FromContext(ctx).Info("An end can't be confirmed, trying again", "kind", i.Kind, "name", i.Name, "reason", err.Error())
			o.postpone(i)
			continue
		}
		if w, ok := o.planOne(ctx, i, cluster); ok {
			batch = append(batch, w)
		}
	}
	return batch, nil
}

// confirm asks the API server about an entity whose end is not certain. Where it is still
// there, the watch is behind, and will show its end.
func (o *Outbox) confirm(ctx context.Context, i *item) error {
	o.mu.Lock()
	end := i.ended
	o.mu.Unlock()
	if end == nil || end.Confirmed {
		return nil
	}
	exists, err := o.opts.Cluster.Exists(ctx, end.Entity)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if exists {
		i.ended = nil
		return nil
	}
	confirmed := *end
	confirmed.Confirmed = true
	i.ended = &confirmed
	return nil
}

func (o *Outbox) planOne(ctx context.Context, i *item, cluster types.UID) (work, bool) {
	o.mu.Lock()
	told, end, stored := o.told[i.ID], i.ended, i.stored
	_, done := o.finished.Get(i.ID)
	o.mu.Unlock()
	if done { // the caches are behind
		o.drop(i)
		return work{}, false
	}
	announced := told.OnDetails || told.OnInventory
	w := work{item: i, ended: end != nil}
	switch {
	case w.ended && !announced && !end.Selected:
		o.finish(ctx, end.Entity, stored)
		return work{}, false
	case w.ended:
		w.unit.Entity = end.Entity
	default:
		var selected, there bool
		w.unit.Entity, selected, there = o.opts.Cluster.Current(i.Ref)
		if !there || !selected { // its end comes by Ended; what is deselected stays as it was told
			o.drop(i)
			return work{}, false
		}
	}
	var err error
	w.unit.Messages, w.after, err = event.Pending(told, w.unit.Entity, w.ended, cluster, o.opts.Clock.Now())
	if err != nil {
		klog.FromContext(ctx).Error(err, "The events of an entity can't be encoded", "name", i.Name, "uid", i.UID)
	}
	if err != nil || len(w.unit.Messages) == 0 {
		o.drop(i)
		return work{}, false
	}
	return w, true
}

// drop takes an item out of the pending set, unless it has changed meanwhile.
func (o *Outbox) drop(i *item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !i.changed {
		o.pending.remove(i.ID)
	}
}

// postpone has an item tried again later.
func (o *Outbox) postpone(i *item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i.notBefore = o.opts.Clock.Now().Add(lanePause)
}

// settle takes over the result of a unit, and returns whether it is left for its
// partition's sake.
func (o *Outbox) settle(ctx context.Context, w work, result error) (unavailable bool) {
	switch {
	case errors.Is(result, ErrTooLarge):
		countUnits([]Unit{w.unit}, lostResult)
		klog.FromContext(ctx).Error(result, "An event is lost: Kafka refuses it for its size, raise max.message.bytes of the topic",
			"kind", w.unit.Entity.Kind, "name", klog.KRef(w.unit.Entity.Namespace, w.unit.Entity.Name), "uid", w.unit.Entity.UID)
	case result != nil:
		countUnits([]Unit{w.unit}, failedResult)
		o.postpone(w.item)
		return true
	default:
		countUnits([]Unit{w.unit}, acknowledgedResult)
	}
	if o.snapshot != nil && result == nil && slices.ContainsFunc(w.unit.Messages, ofInventory) {
		delete(o.snapshot.unseen, w.unit.Entity.ID)
	}
	if w.ended {
		o.mu.Lock()
		stored := w.item.stored
		o.mu.Unlock()
		o.finish(ctx, w.unit.Entity, stored)
		return false
	}
	o.mu.Lock()
	o.noteTold(w.unit.Entity.ID, w.after, result != nil)
	w.item.since, w.item.notBefore = o.opts.Clock.Now(), time.Time{}
	o.mu.Unlock()
	o.drop(w.item)
	return false
}

// noteTold notes what Kafka was told of an entity, or that it refused to be told: then it is
// not told again until there is something new.
func (o *Outbox) noteTold(id event.ID, after event.Told, refused bool) {
	before := o.told[id]
	o.told[id] = after
	_, already := o.lost[id]
	switch {
	case !refused:
		delete(o.lost, id)
	case !already && before.OnInventory:
		o.lost[id] = &before.Inventory
	case !already:
		o.lost[id] = nil
	}
}

// nameOf is the name of an entity, by which the events of a name are ordered.
func nameOf(e event.Entity) cache.ObjectName { return cache.NewObjectName(e.Namespace, e.Name) }

func ofInventory(m event.Message) bool { return m.Topic == event.Inventory }
