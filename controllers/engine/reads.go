package engine

import (
	"context"
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
func (s *Sources[O]) Record(to func(Read)) { s.record = to }

// String names these objects in a Read.
func (s *Sources[O]) String() string {
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

// recordCount reports the objects that were counted where an index tells them, and
// otherwise that all were.
func (r *Resource[O]) recordCount(counter, value string) {
	if _, indexed := r.indexer.GetIndexers()[counter]; indexed {
		r.recordIndex(counter, value, r.withValue(counter, value))
		return
	}
	r.record(Read{From: r.String()})
}

// Tracer shows what a controller reads in a pass over an object, and what has it make
// one. Every controller that New returns is one.
type Tracer interface {
	// Plan makes the plan of an object and computes its status from what is there. It
	// creates and changes nothing but what Kind.Enforce takes away.
	Plan(ctx context.Context, name cache.ObjectName) error
	// Causes returns the references by which a change of an object in a cache has the
	// object of this name reconciled, and CauseSelf and CauseOwned.
	Causes(from string, changed Object, name cache.ObjectName) []string
	// References returns the names of all references.
	References() []string
	// Caches returns the caches that the controller waits for.
	Caches() []Cache
}

const (
	// CauseSelf is the cause of a pass over an object that has changed itself.
	CauseSelf = "itself"
	// CauseOwned is the cause of a pass over the owner of what has changed.
	CauseOwned = "owned"
)

// Plan implements Tracer.
func (c *controller[T]) Plan(ctx context.Context, name cache.ObjectName) error {
	if c.kind.Enforce != nil {
		if err := c.kind.Enforce(ctx, name); err != nil {
			return err
		}
	}
	object, ok := c.kind.Resource.Get(name)
	if !ok {
		return fmt.Errorf("no %s %s", c.Name(), name)
	}
	c.adoption(object)
	c.namespaces(object)
	if c.kind.Governed != nil {
		c.kind.Governed(object)
	}
	if c.kind.InUse != nil {
		c.kind.InUse(object, c.opts.Clock.Now())
	}
	plan := &Plan[T]{}
	if err := c.kind.Plan(object, plan); err != nil {
		return err
	}
	owner := Owner{Kind: c.Name(), Name: name, UID: object.GetUID()}
	for _, child := range plan.children {
		child.look(owner, false)
	}
	if plan.observe != nil {
		plan.observe(object.DeepCopyObject().(T))
	}
	return nil
}

// Causes implements Tracer.
func (c *controller[T]) Causes(from string, changed Object, name cache.ObjectName) (causes []string) {
	if from == c.kind.Resource.String() && cache.MetaObjectToName(changed) == name {
		causes = append(causes, CauseSelf)
	}
	for _, owned := range c.kind.Owns {
		owner, marked := OwnerOf(changed, owned.GroupVersionKind().GroupKind())
		if from == owned.String() && marked && owner.Kind == c.Name() && owner.Name == name {
			causes = append(causes, CauseOwned)
		}
	}
	object, ok := c.kind.Resource.newest(name)
	if !ok {
		return causes
	}
	for _, ref := range c.kind.References {
		if from == ref.from && slices.ContainsFunc(ref.known(changed), func(v string) bool { return slices.Contains(ref.values(object), v) }) {
			causes = append(causes, ref.index)
		}
	}
	return causes
}

// References implements Tracer.
func (c *controller[T]) References() []string {
	names := make([]string, 0, len(c.kind.References))
	for _, ref := range c.kind.References {
		names = append(names, ref.index)
	}
	return names
}

// Caches implements Tracer.
func (c *controller[T]) Caches() []Cache { return c.caches() }
