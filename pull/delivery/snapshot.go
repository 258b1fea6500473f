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
	// left are the entities that may have an item now.
	left []Ref
	// unseen are all entities of which neither an item nor an event was published since the
	// begin: a consumer that has read from there does not know them yet. Those of which nothing
	// but their end is known have no name.
	unseen map[event.ID]Ref
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

func (o *Outbox) snapshotIsDue() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.snapshotDue
}

// advanceSnapshot publishes the next batch of a snapshot that is due. Between two of its
// batches events are published as ever. It returns whether there may be more at once.
func (o *Outbox) advanceSnapshot(ctx context.Context, s Session) (more bool, err error) {
	o.mu.Lock()
	due := o.snapshotDue
	o.snapshotDue = false
	o.mu.Unlock()
	if due {
		if o.snapshot, err = o.beginSnapshot(ctx, s); err != nil {
			return false, err
		}
	}
	current := o.snapshot
	switch {
	case current == nil:
		return false, nil
	case len(current.open) == 0:
		o.snapshot = nil
		return false, nil
	case len(current.left) > 0:
		return true, o.publishItems(ctx, s, current)
	}
	err = o.endSnapshot(ctx, s, current)
	return len(current.left) > 0, err
}

// beginSnapshot publishes the begins of a snapshot.
func (o *Outbox) beginSnapshot(ctx context.Context, s Session) (*snapshot, error) {
	now := o.opts.Clock.Now()
	begun := &snapshot{
		name: now.UTC().Format("20060102T150405.000Z"), at: now, initial: !o.snapshots,
		open: sets.New[int32](), unseen: map[event.ID]Ref{},
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
	o.mu.Lock()
	for id, t := range o.told {
		if t.OnInventory {
			begun.unseen[id] = Ref{ID: id}
		}
	}
	o.mu.Unlock()
	for ref := range o.opts.Cluster.All() {
		if _, told := begun.unseen[ref.ID]; told {
			begun.unseen[ref.ID] = ref
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
// partitions that fail. It reports each unit that it need not try again: whether it is committed,
// or refused for its size.
func (s *snapshot) publish(ctx context.Context, session Session, units []Unit, partitions []int32, settled func(i int, committed bool)) error {
	if len(units) == 0 {
		return nil
	}
	results, err := session.Commit(ctx, units)
	if err != nil {
		return err
	}
	for i, result := range results {
		switch {
		case result == nil || errors.Is(result, ErrTooLarge):
			if settled != nil {
				settled(i, result == nil)
			}
		default:
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
		e, ok := o.itemOf(ref)
		if !ok {
			continue
		}
		messages, err := s.of(p).Item(e)
		if err != nil {
			klog.FromContext(ctx).Error(err, "An entity is not part of a snapshot")
			delete(s.unseen, ref.ID)
			continue
		}
		units, partitions = append(units, Unit{Entity: e, Messages: messages}), append(partitions, p)
	}
	return s.publish(ctx, session, units, partitions, func(i int, committed bool) {
		id := units[i].Entity.ID
		delete(s.unseen, id)
		if !committed {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		told := o.told[id]
		told.Inventory = units[i].Entity.InventoryFingerprint()
		o.told[id] = told
	})
}

// itemOf returns an entity as it belongs into a snapshot; false where an event, which is
// pending or will be, says it.
func (o *Outbox) itemOf(ref Ref) (event.Entity, bool) {
	e, selected, there := o.opts.Cluster.Current(ref)
	o.mu.Lock()
	told, known := o.told[ref.ID]
	o.mu.Unlock()
	switch {
	case !known || !there: // it has ended meanwhile
		return e, false
	case selected && told != event.ToldOf(e):
		o.Enqueue(ref)
		return e, false
	}
	return e, true
}

// endSnapshot publishes the ends of the partitions in which every entity was seen. It waits for
// no others: what goes on there, however busy, is told as it comes.
func (o *Outbox) endSnapshot(ctx context.Context, session Session, s *snapshot) error {
	told, unseen := o.toldNow(s)
	shown := map[int32]map[event.ID]event.Fingerprint{}
	for p := range s.open {
		shown[p] = map[event.ID]event.Fingerprint{}
	}
	for id, f := range told {
		p, err := session.Partition(event.InventoryKey(s.cluster, id))
		if err != nil {
			return err
		}
		if ref, ok := unseen[id]; ok {
			o.leave(s, p, ref)
			delete(shown, p)
		} else if shown[p] != nil {
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

// toldNow returns what Kafka was told, and which of these entities are not seen yet.
func (o *Outbox) toldNow(s *snapshot) (told map[event.ID]event.Fingerprint, unseen map[event.ID]Ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	told, unseen = make(map[event.ID]event.Fingerprint, len(o.told)), map[event.ID]Ref{}
	for id, t := range o.told {
		shown, lost := o.lost[id]
		switch {
		case lost && shown != nil:
			told[id] = *shown
		case !lost && t.OnInventory:
			told[id] = t.Inventory
		}
		if ref, ok := s.unseen[id]; ok && !lost {
			unseen[id] = ref
		}
	}
	return told, unseen
}

// leave has an entity that is not seen yet tried again, where no event is pending that will show it
// or its end.
func (o *Outbox) leave(s *snapshot, partition int32, ref Ref) {
	o.mu.Lock()
	_, pending := o.pending.get(ref.ID)
	o.mu.Unlock()
	if pending || !s.open.Has(partition) {
		return
	}
	if _, _, there := o.opts.Cluster.Current(ref); there {
		s.left = append(s.left, ref)
	}
}
