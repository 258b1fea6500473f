package delivery

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/util/sets"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// open opens a session of the log, takes over what it reports to have been told, and
// compares that with the cluster.
func (o *Outbox) open(ctx context.Context) (Session, error) {
	cluster, err := o.opts.Cluster.UID()
	if err != nil {
		return nil, err
	}
	alive, deleted := map[event.ID]event.Entity{}, sets.New[event.ID]()
	s, err := o.opts.Log.Open(ctx, func(key string, value []byte) {
		e, gone, ok := event.ParseInventory(cluster, key, value)
		switch {
		case !ok:
		case gone:
			delete(alive, e.ID)
			deleted.Insert(e.ID)
		default:
			alive[e.ID] = e
			deleted.Delete(e.ID)
		}
	})
	if err != nil {
		return nil, err
	}
	if err := o.compare(ctx, alive, deleted); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// compare makes pending whatever the cluster may show otherwise than Kafka was told: alive
// are the entities that it knows, and deleted those whose end it knows.
func (o *Outbox) compare(ctx context.Context, alive map[event.ID]event.Entity, deleted sets.Set[event.ID]) error {
	o.mu.Lock()
	o.told = make(map[event.ID]event.Told, len(alive))
	clear(o.lost)
	for id, e := range alive {
		o.told[id] = event.ToldOf(e)
		o.finished.Remove(id) // an end that was given up before Kafka could be asked
	}
	o.mu.Unlock()
	o.finishTold(ctx, deleted)
	// After told is set: whoever ends from now on is compared with it.
	live := sets.New[event.ID]()
	for ref := range o.opts.Cluster.All() {
		if deleted.Has(ref.ID) {
			if exists, err := o.returned(ctx, ref); err != nil {
				return err
			} else if !exists {
				continue
			}
		}
		live.Insert(ref.ID)
		o.Enqueue(ref)
	}
	gone := func(id event.ID) bool { return !live.Has(id) }
	if err := o.recall(ctx, gone, deleted); err != nil {
		return err
	}
	for id, e := range alive {
		if !gone(id) {
			continue
		}
		// The API server is asked before that is published: the caches may be behind.
		o.Ended(End{Entity: e, Selected: true})
	}
	return nil
}

// finishTold drops the ends that wait here and that Kafka knows: a commit whose answer was lost has
// published them, or another process has, while this one was frozen.
func (o *Outbox) finishTold(ctx context.Context, deleted sets.Set[event.ID]) {
	type end struct {
		event.Entity
		stored bool
	}
	var published []end
	o.mu.Lock()
	for id := range o.pending.items {
		if i, ok := o.pending.get(id); ok && i.ended != nil && deleted.Has(id) {
			published = append(published, end{i.ended.Entity, i.stored})
		}
	}
	o.mu.Unlock()
	for _, e := range published {
		o.finish(ctx, e.Entity, e.stored)
	}
}

// returned returns whether an entity exists of which Kafka was told the end. Caches that are behind
// show one that does not; a cluster that was restored from a backup has one that does.
func (o *Outbox) returned(ctx context.Context, ref Ref) (bool, error) {
	e := event.Entity{ID: ref.ID, Namespace: ref.Name.Namespace, Name: ref.Name.Name}
	exists, err := o.opts.Cluster.Exists(ctx, e)
	switch {
	case err != nil:
		return false, fmt.Errorf("find out whether %s %s, whose end was published, is there: %w", ref.Kind, ref.Name, err)
	case !exists:
		o.finish(ctx, e, false)
		return false, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished.Remove(ref.ID)
	return true, nil
}

// recall takes over what objects of the cluster remember of entities.
func (o *Outbox) recall(ctx context.Context, gone func(event.ID) bool, deleted sets.Set[event.ID]) error {
	remembered, err := o.opts.Cluster.Recorded(ctx, gone)
	if err != nil {
		return fmt.Errorf("read what is remembered of ended pods: %w", err)
	}
	for _, r := range remembered {
		if deleted.Has(r.ID) || (r.Finished && !o.Announced(r.ID)) {
			o.finish(ctx, r.Entity, r.Stored)
			continue
		}
		o.mu.Lock()
		if told := o.told[r.ID]; !told.OnInventory && r.Told.OnDetails {
			o.told[r.ID] = r.Told
		}
		o.mu.Unlock()
		if !gone(r.ID) {
			continue
		}
		o.Ended(r.End)
		o.mu.Lock()
		if i, ok := o.pending.get(r.ID); ok && r.Stored {
			o.pending.store(i)
		}
		o.mu.Unlock()
	}
	return nil
}
