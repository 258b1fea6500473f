package reconciler

import (
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// WatchesSingly declares a reference to single objects, each named by its key.
func WatchesSingly[T store.CustomObject, O store.Object](s *store.SingleObjects[O], index string, values func(T) []string) Reference[T] {
	return Reference[T]{
		index: index, values: values, from: s.String(), known: keyOf, // no cache to wait for: Get says what is not read yet
		watch:     func(changed func(string), _ updates) error { s.OnChange(changed); return nil },
		subscribe: s.Subscribe,
	}
}
