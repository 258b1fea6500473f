package store

import (
	"fmt"
	"slices"

	"k8s.io/client-go/tools/cache"
)

// A plan reads caches, and what it has read may change: then the object is to be
// reconciled again, for which its kind declares references and what it owns. This file
// shows both sides, so that a test can compare them.

// Read is one lookup in a cache.
type Read struct {
	// From names the cache.
	From string
	// Index is the index that was asked; empty where an object was asked for by name.
	Index string
	// Value is the object's key, or the value in the index. It is empty where all
	// objects were counted.
	Value string
	// Found are the objects that the cache returned.
	Found []Object
}

// Record has each read reported to a function; nil ends that. No other goroutine may
// use the cache meanwhile.
func (r *Resource[O]) Record(to func(Read)) { r.record = to }

// Record is like Resource.Record. It does not say what was found.
func (s *SingleObjects[O]) Record(to func(Read)) { s.record = to }

// String names these objects in a Read.
func (s *SingleObjects[O]) String() string {
	var o O
	return fmt.Sprintf("single %T", o)
}

func (r *Resource[O]) recordGet(name cache.ObjectName, o O, ok bool) {
	read := Read{From: r.String(), Value: name.String()}
	if ok {
		read.Found = []Object{o}
	}
	r.record(read)
}

func (r *Resource[O]) recordIndex(index, value string, found []O) {
	read := Read{From: r.String(), Index: index, Value: value}
	for _, o := range found {
		read.Found = append(read.Found, o)
	}
	r.record(read)
}

func (r *Resource[O]) recordCount(c *counter[O], name, value string) {
	read := Read{From: r.String(), Index: name, Value: value}
	r.mu.Lock()
	all := slices.Collect(r.All())
	for _, write := range r.written {
		all = append(all, write.object)
	}
	r.mu.Unlock()
	for _, o := range all {
		if slices.Contains(c.of(o), value) {
			read.Found = append(read.Found, o)
		}
	}
	r.record(read)
}
