package store

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"k8s.io/client-go/tools/cache"
)

var (
	// ErrTooManyInformers is the error of a subscription beyond a namespace's limit.
	ErrTooManyInformers = errors.New("too many informers")
	// ErrStopped is the error of a subscription that would start an informer after Stop.
	ErrStopped = errors.New("the informers have been stopped")
)

// Stoppable is an informer that an InformerSet holds.
type Stoppable interface {
	comparable
	Stop()
	// Spent returns whether the informer is of no use any more, so that the next
	// subscription starts another one in its place.
	Spent() bool
}

// InformerSet holds informers that are counted by reference: one is started for the first
// subscriber to what it shows, its key, and stopped after the last.
type InformerSet[K comparable, I Stoppable] struct {
	limit   int
	charged func(subscriber cache.ObjectName, key K) string

	mu     sync.Mutex
	active map[K]*subscribed[I]
	// counts holds, for each namespace, how many subscriptions each key has.
	counts  map[string]map[K]int
	stopped bool
}

// subscribed is an informer and its subscribers.
type subscribed[I any] struct {
	informer    I
	subscribers map[cache.ObjectName]bool
}

// NewInformerSet returns an empty set. limit is how many informers the subscriptions that
// are charged to one namespace may have.
func NewInformerSet[K comparable, I Stoppable](limit int, charged func(subscriber cache.ObjectName, key K) string) *InformerSet[K, I] {
	return &InformerSet[K, I]{limit: limit, charged: charged, active: map[K]*subscribed[I]{}, counts: map[string]map[K]int{}}
}

// Subscribe returns the informer of a key and subscribes to it. start is called where there
// is none, or with the one that is spent. It fails with ErrTooManyInformers and ErrStopped,
// or as start does.
func (s *InformerSet[K, I]) Subscribe(subscriber cache.ObjectName, key K, start func(spent I) (I, error)) (I, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none I
	namespace := s.charged(subscriber, key)
	if s.counts[namespace][key] == 0 && len(s.counts[namespace]) >= s.limit {
		return none, ErrTooManyInformers
	}
	entry, ok := s.active[key]
	if !ok || (!s.stopped && entry.informer.Spent()) {
		if s.stopped {
			return none, ErrStopped
		}
		spent := none
		if ok {
			spent = entry.informer
		}
		started, err := start(spent)
		if err != nil {
			return none, err
		}
		if ok {
			spent.Stop()
			entry.informer = started
		} else {
			entry = &subscribed[I]{started, map[cache.ObjectName]bool{}}
			s.active[key] = entry
		}
	}
	if !entry.subscribers[subscriber] {
		entry.subscribers[subscriber] = true
		if s.counts[namespace] == nil {
			s.counts[namespace] = map[K]int{}
		}
		s.counts[namespace][key]++
	}
	return entry.informer, nil
}

// Get returns the informer of a key, if there is one.
func (s *InformerSet[K, I]) Get(key K) (I, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.active[key]
	if !ok {
		var none I
		return none, false
	}
	return entry.informer, true
}

// Subscribers returns who subscribes to a key, in no order.
func (s *InformerSet[K, I]) Subscribers(key K) []cache.ObjectName {
	s.mu.Lock()
	defer s.mu.Unlock()
	if entry, ok := s.active[key]; ok {
		return slices.Collect(maps.Keys(entry.subscribers))
	}
	return nil
}

// Subscribes returns whether a subscriber subscribes to a key.
func (s *InformerSet[K, I]) Subscribes(subscriber cache.ObjectName, key K) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.active[key]
	return ok && entry.subscribers[subscriber]
}

// Keep ends all subscriptions of a subscriber but those to some keys. It returns whether
// any informer was stopped.
func (s *InformerSet[K, I]) Keep(subscriber cache.ObjectName, keys map[K]bool) (stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, entry := range s.active {
		if !keys[key] && entry.subscribers[subscriber] {
			stopped = s.unsubscribe(subscriber, key, entry) || stopped
		}
	}
	return stopped
}

// Unsubscribe ends a subscription. It returns whether that was the key's last one, and
// stopped the informer.
func (s *InformerSet[K, I]) Unsubscribe(subscriber cache.ObjectName, key K) (stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.active[key]
	return ok && entry.subscribers[subscriber] && s.unsubscribe(subscriber, key, entry)
}

func (s *InformerSet[K, I]) unsubscribe(subscriber cache.ObjectName, key K, entry *subscribed[I]) (stopped bool) {
	delete(entry.subscribers, subscriber)
	namespace := s.charged(subscriber, key)
	counts := s.counts[namespace]
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
	if len(counts) == 0 {
		delete(s.counts, namespace)
	}
	if len(entry.subscribers) > 0 {
		return false
	}
	entry.informer.Stop()
	delete(s.active, key)
	return true
}

// Stop stops all informers, and lets no other start.
func (s *InformerSet[K, I]) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for _, entry := range s.active {
		entry.informer.Stop()
	}
}
