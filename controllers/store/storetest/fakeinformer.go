// Package storetest is an API server in memory, of one kind or several, whose caches see a
// write only when a test shows it to them.
package storetest

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// Noon is when everything happens in these tests.
var Noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// Informer is a cache that a test fills by hand. Its handlers are called at
// once and in order.
type Informer struct {
	cache.SharedIndexInformer
	Indexer  cache.Indexer
	Handlers []cache.ResourceEventHandler
}

// NewInformer returns an informer whose events a test sends.
func NewInformer() *Informer {
	return &Informer{Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})}
}

// GetIndexer implements cache.SharedIndexInformer.
func (s *Informer) GetIndexer() cache.Indexer { return s.Indexer }

// AddIndexers implements cache.SharedIndexInformer.
func (s *Informer) AddIndexers(added cache.Indexers) error { return s.Indexer.AddIndexers(added) }

// HasSynced implements cache.SharedIndexInformer.
func (s *Informer) HasSynced() bool { return true }

// SetWatchErrorHandlerWithContext implements cache.SharedIndexInformer.
func (s *Informer) SetWatchErrorHandlerWithContext(cache.WatchErrorHandlerWithContext) error {
	return nil
}

// AddEventHandler implements cache.SharedIndexInformer.
func (s *Informer) AddEventHandler(h cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	s.Handlers = append(s.Handlers, h)
	return nil, nil
}

// Show makes the cache hold a version of an object, or none, as a watch would.
func (s *Informer) Show(o metav1.Object, gone bool) {
	before, known, _ := s.Indexer.Get(o)
	switch {
	case gone:
		_ = s.Indexer.Delete(o)
	case known:
		_ = s.Indexer.Update(o)
	default:
		_ = s.Indexer.Add(o)
	}
	s.Indexer.Bookmark(o.GetResourceVersion())
	for _, h := range s.Handlers {
		switch {
		case gone:
			h.OnDelete(o)
		case known:
			h.OnUpdate(before, o)
		default:
			h.OnAdd(o, false)
		}
	}
}
