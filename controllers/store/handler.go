package store

import (
	"slices"

	"k8s.io/client-go/tools/cache"
)

// Writer names a part of this process that writes objects of a kind that others of its
// parts write too. A write is reported to every writer but its own.
type Writer string

const (
	// ReconcilerWriter is the controller of a custom resource: one object has one.
	ReconcilerWriter Writer = "reconciler"
	// PullWriter is the pull.
	PullWriter Writer = "pull"
)

var writers = []Writer{ReconcilerWriter, PullWriter}

// Handler receives a kind's events. A function that is nil is not called; none
// may block: all handlers of a kind are called one after the other.
type Handler[O Object] struct {
	// Writer is whose writes count as the handler's own; empty where there are none.
	Writer Writer
	// Add receives an object that is new here. own says that the event shows nothing
	// but what Writer wrote.
	Add func(o O, own bool)
	// Update receives two versions of an object, which may be the same one, and
	// of two objects of a name where the end of the first was missed.
	Update func(before, after O, own bool)
	// Delete receives an object that is there no more, as it was last seen.
	// watched is false where only a list showed that it is missing, which may be
	// an old list.
	Delete func(last O, watched bool)
}

// ChangeHandler returns a Handler of two functions. changed receives the zero value as
// before for an object that is new, and is not called where nothing changed; nil is a
// function that does nothing. An object that took another's name between two events is
// one that is gone and one that is new.
func ChangeHandler[O Object](changed func(before, after O), gone func(last O)) Handler[O] {
	var none O
	if changed == nil {
		changed = func(O, O) {}
	}
	return Handler[O]{
		Add: func(o O, _ bool) { changed(none, o) },
		Update: func(before, after O, _ bool) {
			switch {
			case before.GetUID() != after.GetUID():
				gone(before)
				changed(none, after)
			case before.GetResourceVersion() != after.GetResourceVersion():
				changed(before, after)
			}
		},
		Delete: func(last O, _ bool) { gone(last) },
	}
}

// eventHandler calls all handlers of a kind. The informer knows them as one: it gives
// each handler two goroutines and room for a thousand events, which a kind that
// many others refer to would have a dozen times over.
//
// A handler that panics over an object has missed that event; the others have not.
type eventHandler[O Object] struct{ resource *Resource[O] }

// each calls a function for each handler.
func (h eventHandler[O]) each(o any, call func(Handler[O])) {
	for _, handler := range h.resource.handlers {
		func() {
			defer RecoverPanic("handler", o)
			call(handler)
		}()
	}
}

// OnAdd implements cache.ResourceEventHandler.
func (h eventHandler[O]) OnAdd(added any, _ bool) {
	o := h.resource.object(added)
	own := h.resource.writersOf(o)
	h.each(o, func(each Handler[O]) {
		if each.Add != nil {
			each.Add(o, slices.Contains(own, each.Writer))
		}
	})
}

// OnUpdate implements cache.ResourceEventHandler.
func (h eventHandler[O]) OnUpdate(before, after any) {
	o, old := h.resource.object(after), h.resource.object(before)
	own := h.resource.writersOf(o)
	h.each(o, func(each Handler[O]) {
		if each.Update != nil {
			each.Update(old, o, slices.Contains(own, each.Writer))
		}
	})
}

// OnDelete implements cache.ResourceEventHandler.
func (h eventHandler[O]) OnDelete(deleted any) {
	missed, unwatched := deleted.(cache.DeletedFinalStateUnknown)
	if unwatched {
		deleted = missed.Obj
	}
	if deleted == nil {
		return // of the missed end of an object that was never seen there is nothing to report
	}
	last := h.resource.object(deleted)
	h.each(last, func(each Handler[O]) {
		if each.Delete != nil {
			each.Delete(last, !unwatched)
		}
	})
}
