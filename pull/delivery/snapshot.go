package delivery

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// snapshot is a snapshot of the inventory that is being published. Each partition has a
// begin, items and an end of its own; one that fails is left out.
type snapshot struct {
	cluster    types.UID
	name       string
	at         time.Time
	initial    bool
	partitions int32
	// open are the partitions that have no end so far.
	open sets.Set[int32]
	// left are the entities that have no item so far.
	left []Ref
	// awaited are those whose pending events take the place of an item.
	awaited sets.Set[event.ID]
}

func (s *snapshot) of(partition int32) event.Snapshot {
	return event.Snapshot{Cluster: s.cluster, Name: s.name, Partition: partition, Partitions: s.partitions, At: s.at, Initial: s.initial}
}

// Snapshot has all that Kafka was told published once more, so that a consumer can find out
// whether it missed something. The first snapshot of an outbox needs no call.
func (o *Outbox) Snapshot() {
	o.mu.Lock()
	o.snapshotDue = true
	o.mu.Unlock()
	o.Wake()
}

// advanceSnapshot publishes the next batch of a snapshot that is due. Between two of its
// batches events are published as ever. It returns whether there may be more at once.
func (o *Outbox) advanceSnapshot(ctx context.Context, s Session, current *snapshot) (_ *snapshot, more bool, err error) {
	o.mu.Lock()
	due := o.snapshotDue
	o.snapshotDue = false
	o.mu.Unlock()
	if due {
		if current, err = o.beginSnapshot(ctx, s); err != nil {
			return current, false, err
		}
	}
	switch {
	case current == nil || len(current.open) == 0:
		return nil, false, nil
	case len(current.left) > 0:
		return current, true, o.publishItems(ctx, s, current)
	}
	return current, false, o.endSnapshot(ctx, s, current)
}

// beginSnapshot publishes the begins of a snapshot.
func (o *Outbox) beginSnapshot(ctx context.Context, s Session) (*snapshot, error) {
	now := o.opts.Clock.Now()
	begun := &snapshot{
		name: now.UTC().Format("20060102T150405.000Z"), at: now, initial: !o.snapshots,
		open: sets.New[int32](), awaited: sets.New[event.ID](),
	}
	var err error
	if begun.cluster, err = o.opts.Cluster.UID(); err != nil {
		return begun, err
	}
	if begun.partitions, err = s.Partitions(); err != nil {
		return begun, err
	}
	for p := range begun.partitions {
		begun.open.Insert(p)
	}
	for ref := range o.opts.Cluster.All() {
		if o.Announced(ref.ID) {
			begun.left = append(begun.left, ref)
		}
	}
	begins := map[int32]event.Message{}
	for p := range begun.open {
		if begins[p], err = begun.of(p).Begin(); err != nil {
			return begun, err
		}
	}
	return begun, begun.publishEach(ctx, s, begins)
}

// publishEach publishes a message to each of several partitions.
func (s *snapshot) publishEach(ctx context.Context, session Session, messages map[int32]event.Message) error {
	var units []Unit
	var partitions []int32
	for p, m := range messages {
		units, partitions = append(units, Unit{Messages: []event.Message{m}}), append(partitions, p)
	}
	return s.publish(ctx, session, units, partitions, nil)
}

// publish publishes units, each of one partition of the inventory, and gives up the
// partitions that fail.
func (s *snapshot) publish(ctx context.Context, session Session, units []Unit, partitions []int32, committed func(i int)) error {
	if len(units) == 0 {
		return nil
	}
	results, err := session.Commit(ctx, units)
	if err != nil {
		return err
	}
	for i, result := range results {
		switch {
		case result == nil && committed != nil:
			committed(i)
		case result != nil && !errors.Is(result, ErrTooLarge): // an entity that is too large was never told
			s.open.Delete(partitions[i])
			klog.FromContext(ctx).Info("A snapshot of the inventory leaves out a partition", "partition", partitions[i], "reason", result.Error())
		}
	}
	return nil
}

// publishItems publishes a batch of items.
func (o *Outbox) publishItems(ctx context.Context, session Session, s *snapshot) error {
	batch := s.left[:min(batchSize, len(s.left))]
	s.left = s.left[len(batch):]
	var units []Unit
	var partitions []int32
	for _, ref := range batch {
		p, err := session.Partition(event.InventoryKey(s.cluster, ref.ID))
		if err != nil {
			return err
		}
		if !s.open.Has(p) {
			continue
		}
		e, ok := o.itemOf(s, ref)
		if !ok {
			continue
		}
		messages, err := s.of(p).Item(e)
		if err != nil {
			klog.FromContext(ctx).Error(err, "An entity is not part of a snapshot")
			continue
		}
		units, partitions = append(units, Unit{Entity: e, Messages: messages}), append(partitions, p)
	}
	return s.publish(ctx, session, units, partitions, func(i int) {
		o.mu.Lock()
		defer o.mu.Unlock()
		told := o.told[units[i].Entity.ID]
		told.Inventory = units[i].Entity.InventoryFingerprint()
		o.told[units[i].Entity.ID] = told
	})
}

// itemOf returns an entity as it belongs into a snapshot; false where an event, which is
// pending or will be, says it.
func (o *Outbox) itemOf(s *snapshot, ref Ref) (event.Entity, bool) {
	e, selected, there := o.opts.Cluster.Current(ref)
	o.mu.Lock()
	told, known := o.told[ref.ID]
	o.mu.Unlock()
	switch {
	case !known: // it has ended meanwhile
		return e, false
	case !there:
		s.awaited.Insert(ref.ID)
		return e, false
	case selected && told != event.ToldOf(e):
		s.awaited.Insert(ref.ID)
		o.Enqueue(ref)
		return e, false
	}
	return e, true
}

// endSnapshot publishes the ends of the partitions in which nothing is awaited.
func (o *Outbox) endSnapshot(ctx context.Context, session Session, s *snapshot) error {
	told, waiting := o.toldNow(s)
	shown := map[int32]map[event.ID]event.Fingerprint{}
	for p := range s.open {
		shown[p] = map[event.ID]event.Fingerprint{}
	}
	for id, f := range told {
		p, err := session.Partition(event.InventoryKey(s.cluster, id))
		switch {
		case err != nil:
			return err
		case waiting.Has(id):
			delete(shown, p)
		case shown[p] != nil:
			shown[p][id] = f
		}
	}
	ends := map[int32]event.Message{}
	for p, entities := range shown {
		end, err := s.of(p).End(entities)
		if err != nil {
			return err
		}
		ends[p] = end
	}
	if err := s.publishEach(ctx, session, ends); err != nil {
		return err
	}
	o.snapshots = true
	for p := range ends {
		s.open.Delete(p)
	}
	return nil
}

// toldNow returns what Kafka was told, and of which entities more is pending that the
// snapshot waits for.
func (o *Outbox) toldNow(s *snapshot) (told map[event.ID]event.Fingerprint, waiting sets.Set[event.ID]) {
	o.mu.Lock()
	defer o.mu.Unlock()
	told, waiting = make(map[event.ID]event.Fingerprint, len(o.told)), sets.New[event.ID]()
	for id, t := range o.told {
		shown, lost := o.lost[id]
		switch {
		case lost && shown != nil:
			told[id] = *shown
		case !lost && t.OnInventory:
			told[id] = t.Inventory
		}
	}
	for e := o.pending.order.Front(); e != nil; e = e.Next() {
		if i := e.Value.(*item); i.ended != nil || s.awaited.Has(i.ID) {
			waiting.Insert(i.ID)
		}
	}
	return told, waiting
}
