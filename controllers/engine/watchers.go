package engine

import "k8s.io/client-go/tools/cache"

// watchers are all that want to know of a kind's events. The informer knows them
// as one: it gives each handler two goroutines and room for a thousand events,
// which a kind that many others refer to would have a dozen times over.
type watchers[O Object] []cache.TypedResourceEventHandlerFuncs[O]

// OnAdd implements cache.TypedResourceEventHandler.
func (w *watchers[O]) OnAdd(o O, isInInitialList bool) {
	for _, each := range *w {
		each.OnAdd(o, isInInitialList)
	}
}

// OnUpdate implements cache.TypedResourceEventHandler.
func (w *watchers[O]) OnUpdate(before, after O) {
	for _, each := range *w {
		each.OnUpdate(before, after)
	}
}

// OnDelete implements cache.TypedResourceEventHandler.
func (w *watchers[O]) OnDelete(deleted cache.DeletedObject[O]) {
	for _, each := range *w {
		each.OnDelete(deleted)
	}
}
