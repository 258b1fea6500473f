package engine

import "k8s.io/client-go/tools/cache"

// Handler is told of a kind's events. A function that is nil is not called; none
// may block: all handlers of a kind are called one after the other.
type Handler[O Object] struct {
	// Add is told of an object that is new here.
	Add func(o O)
	// Update is told of two versions of an object, which may be the same one, and
	// of two objects of a name where the end of the first was missed.
	Update func(before, after O)
	// Delete is told of an object that is there no more, as it was last seen.
	// watched is false where only a list showed that it is missing, which may be
	// an old list.
	Delete func(last O, watched bool)
}

// handlers are all handlers of a kind. The informer knows them as one: it gives
// each handler two goroutines and room for a thousand events, which a kind that
// many others refer to would have a dozen times over.
//
// A handler that panics over an object has missed that event; the others have not.
type handlers[O Object] []Handler[O]

// each calls a function for each handler.
func (h *handlers[O]) each(o any, call func(Handler[O])) {
	for _, handler := range *h {
		func() {
			defer survive("handler", o)
			call(handler)
		}()
	}
}

// OnAdd implements cache.ResourceEventHandler.
func (h *handlers[O]) OnAdd(added any, _ bool) {
	h.each(added, func(each Handler[O]) {
		if each.Add != nil {
			each.Add(added.(O))
		}
	})
}

// OnUpdate implements cache.ResourceEventHandler.
func (h *handlers[O]) OnUpdate(before, after any) {
	h.each(after, func(each Handler[O]) {
		if each.Update != nil {
			each.Update(before.(O), after.(O))
		}
	})
}

// OnDelete implements cache.ResourceEventHandler.
func (h *handlers[O]) OnDelete(deleted any) {
	missed, unwatched := deleted.(cache.DeletedFinalStateUnknown)
	if unwatched {
		deleted = missed.Obj
	}
	last, ok := deleted.(O)
	if !ok {
		return // of the missed end of an object that was never seen there is nothing to tell
	}
	h.each(last, func(each Handler[O]) {
		if each.Delete != nil {
			each.Delete(last, !unwatched)
		}
	})
}
