package store

import (
	"slices"
	"sync"
)

// counter counts the objects of a kind by the values that a function gives them. It
// follows the kind's events, so that to read a count costs the same however many
// objects there are; an index makes a list of them first.
type counter[O Object] struct {
	what   string
	values func(O) []string

	mu     sync.Mutex
	counts map[string]int
}

// AddCounter has the objects be counted by the values that a function of nothing but the
// object gives it. It must be called before the informer runs, and panics after. An object
// over which the function panics is not counted.
//
// A count is as new as the events: unlike an index it may be a moment behind the cache,
// and it knows nothing of our own writes before the watch shows them. It is for what is
// reported, and for passes that another event of the same kind brings about again.
func (r *Resource[O]) AddCounter(name string, values func(O) []string) {
	c := &counter[O]{what: r.String(), values: values, counts: map[string]int{}}
	if r.counters == nil {
		r.counters = map[string]*counter[O]{}
	}
	r.counters[name] = c
	// First, so that a handler of an event finds it counted.
	r.handlers = append([]Handler[O]{c.handler()}, r.handlers...)
	if err := r.listen(); err != nil {
		panic(err)
	}
}

// Count returns how many objects have this value in a counter.
func (r *Resource[O]) Count(name, value string) int {
	c := r.counters[name]
	if c == nil {
		panic("no counter " + name) // a programming error, seen in the first test
	}
	if r.record != nil {
		r.recordCount(c, name, value)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[value]
}

// counted returns whether the counters have counted the whole first list.
func (r *Resource[O]) counted() bool {
	return len(r.counters) == 0 || r.registration == nil || r.registration.HasSynced()
}

func (c *counter[O]) handler() Handler[O] {
	return Handler[O]{
		Add:    func(o O, _ bool) { c.change(nil, c.of(o)) },
		Update: func(before, after O, _ bool) { c.change(c.of(before), c.of(after)) },
		Delete: func(last O, _ bool) { c.change(c.of(last), nil) },
	}
}

// of are the values of an object, each of them once; none where that panics.
func (c *counter[O]) of(o O) (values []string) {
	defer RecoverPanic(c.what, o)
	values = c.values(o)
	if len(values) > 1 {
		values = slices.Clone(values)
		slices.Sort(values)
		values = slices.Compact(values)
	}
	return values
}

func (c *counter[O]) change(from, to []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, value := range to {
		c.counts[value]++
	}
	for _, value := range from {
		if c.counts[value]--; c.counts[value] == 0 {
			delete(c.counts, value) // values come and go
		}
	}
}
