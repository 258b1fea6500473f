package delivery

import (
	"container/list"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/resourceversion"
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
	// sharing are the items of each name.
	sharing map[sharedName][]*item
	// stored is how many items the cluster stores.
	stored int
}

// sharedName is what an entity has in common with its predecessors and successors.
type sharedName struct {
	kind event.Kind
	name cache.ObjectName
}

// item is an entity in the pending set.
type item struct {
	Ref
	since time.Time
	// ended is the last state of an entity that is gone; nil while it is there, or where
	// its end is not confirmed. endedAt is when it was first reported.
	ended   *End
	endedAt time.Time
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

func (i *item) sharedName() sharedName { return sharedName{i.Kind, i.Name} }

// precedes returns whether an item is published before another one of its name: the end of a
// pod comes before its successor's beginning, and the earlier of two pods that have ended
// comes first, in whatever order they were found.
func (i *item) precedes(other *item) bool {
	if i.ended == nil || other.ended == nil {
		return i.ended != nil
	}
	order, err := resourceversion.CompareResourceVersion(i.ended.ResourceVersion, other.ended.ResourceVersion)
	return err == nil && order < 0
}

func newPendingSet() *pendingSet {
	return &pendingSet{items: map[event.ID]*list.Element{}, order: list.New(), sharing: map[sharedName][]*item{}}
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
	p.sharing[i.sharedName()] = append(p.sharing[i.sharedName()], i)
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

// excess returns the items that are over a limit of those that a function counts: the oldest of
// the namespaces that have most, so that one namespace does not displace what others wait for.
func (p *pendingSet) excess(limit int, counts func(*item) bool) []*item {
	byNamespace, total := map[string][]*item{}, 0
	for e := p.order.Front(); e != nil; e = e.Next() {
		if i := e.Value.(*item); counts(i) {
			byNamespace[i.Name.Namespace] = append(byNamespace[i.Name.Namespace], i)
			total++
		}
	}
	var over []*item
	for ; total > limit; total-- {
		most := ""
		for namespace, items := range byNamespace {
			if n := len(byNamespace[most]); len(items) > n || (len(items) == n && namespace < most) {
				most = namespace
			}
		}
		over = append(over, byNamespace[most][0])
		byNamespace[most] = byNamespace[most][1:]
	}
	return over
}

func (p *pendingSet) remove(id event.ID) {
	if e, ok := p.items[id]; ok {
		i := e.Value.(*item)
		if i.stored {
			p.stored--
		}
		p.order.Remove(e)
		delete(p.items, id)
		rest := slices.DeleteFunc(p.sharing[i.sharedName()], func(other *item) bool { return other == i })
		if p.sharing[i.sharedName()] = rest; len(rest) == 0 {
			delete(p.sharing, i.sharedName())
		}
	}
}

// first returns the item of a name that is published before all others of that name.
func (p *pendingSet) first(of sharedName) *item {
	var first *item
	for _, i := range p.sharing[of] {
		if first == nil || i.precedes(first) {
			first = i
		}
	}
	return first
}

// take returns at most so many items that are due, the oldest first, and of each name one at
// most: the others wait for it. next is when the first of the others is due; zero where none
// is.
func (p *pendingSet) take(most int, now time.Time) (batch []*item, next time.Time) {
	seen := map[sharedName]bool{}
	for e := p.order.Front(); e != nil && len(batch) < most; e = e.Next() {
		name := e.Value.(*item).sharedName()
		if seen[name] {
			continue
		}
		seen[name] = true
		i := p.first(name)
		if i.notBefore.After(now) {
			if next.IsZero() || i.notBefore.Before(next) {
				next = i.notBefore
			}
			continue
		}
		i.changed = false
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
