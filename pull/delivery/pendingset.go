package delivery

import (
	"container/list"
	"time"

	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Ref names an entity where the cluster has it.
type Ref struct {
	event.ID
	Name cache.ObjectName
}

// pendingSet holds the entities that have to be compared with what Kafka was told, in the
// order in which they were added.
type pendingSet struct {
	items map[event.ID]*list.Element
	order *list.List
	// stored is how many items the cluster stores.
	stored int
}

// item is an entity in the pending set.
type item struct {
	Ref
	since time.Time
	// ended is the last state of an entity that is gone; nil while it is there, or where
	// its end is not confirmed.
	ended *End
	// changed reports a change since the item was taken into a batch.
	changed bool
	// notBefore is when the item is tried again; zero where at once.
	notBefore time.Time
	// stored reports that the cluster stores the end.
	stored bool
}

// End is the last state of an entity that is gone.
type End struct {
	event.Entity
	// Selected reports that the entity was inventoried when it ended, so that its end is
	// published also where "created" was not.
	Selected bool
	// Confirmed reports that the entity is certainly gone. Otherwise, as where it is missing
	// from a list, which may be an old one, the API server is asked before it is published.
	Confirmed bool
}

func newPendingSet() *pendingSet {
	return &pendingSet{items: map[event.ID]*list.Element{}, order: list.New()}
}

// add returns the item of an entity, and adds it at the end where there is none.
func (p *pendingSet) add(ref Ref, now time.Time) *item {
	if e, ok := p.items[ref.ID]; ok {
		i := e.Value.(*item)
		i.changed = true
		return i
	}
	i := &item{Ref: ref, since: now, changed: true}
	p.items[ref.ID] = p.order.PushBack(i)
	return i
}

func (p *pendingSet) get(id event.ID) (*item, bool) {
	e, ok := p.items[id]
	if !ok {
		return nil, false
	}
	return e.Value.(*item), true
}

// store notes that the cluster stores an item.
func (p *pendingSet) store(i *item) {
	if !i.stored {
		i.stored = true
		p.stored++
	}
}

// oldestStored returns the stored item that has waited longest, where there are more of them
// than a limit; else nil.
func (p *pendingSet) oldestStored(limit int) *item {
	if p.stored <= limit {
		return nil
	}
	for e := p.order.Front(); e != nil; e = e.Next() {
		if i := e.Value.(*item); i.stored && i.ended != nil {
			return i
		}
	}
	return nil
}

func (p *pendingSet) remove(id event.ID) {
	if e, ok := p.items[id]; ok {
		if e.Value.(*item).stored {
			p.stored--
		}
		p.order.Remove(e)
		delete(p.items, id)
	}
}

// take returns at most so many items that are due, the oldest first. An item of a name
// waits for those before it of the same name: a pod's end comes before its successor's
// beginning. next is when the first of the others is due; zero where none is.
func (p *pendingSet) take(most int, now time.Time) (batch []*item, next time.Time) {
	type kindAndName struct {
		kind event.Kind
		name cache.ObjectName
	}
	waiting := map[kindAndName]bool{}
	for e := p.order.Front(); e != nil && len(batch) < most; e = e.Next() {
		i := e.Value.(*item)
		name := kindAndName{i.Kind, i.Name}
		if waiting[name] {
			continue
		}
		if i.notBefore.After(now) {
			waiting[name] = true
			if next.IsZero() || i.notBefore.Before(next) {
				next = i.notBefore
			}
			continue
		}
		i.changed, waiting[name] = false, true
		batch = append(batch, i)
	}
	return batch, next
}

// oldest is since when the item that waits longest has been waiting; zero where none is.
func (p *pendingSet) oldest() time.Time {
	if e := p.order.Front(); e != nil {
		return e.Value.(*item).since
	}
	return time.Time{}
}
