package reconciler

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Tracer reports what a controller reads in a pass over an object, and what causes a pass. Every
// controller that New returns is one.
type Tracer interface {
	// Plan plans an object and computes its status from what exists. It creates and changes
	// nothing but what Kind.Enforce revokes.
	Plan(ctx context.Context, name cache.ObjectName) error
	// Causes returns the references by which a change of an object in a cache has the
	// object of this name reconciled, and CauseSelf and CauseOwned.
	Causes(from string, changed store.Object, name cache.ObjectName) []string
	// References returns the names of all references.
	References() []string
	// Caches returns the caches that the controller waits for.
	Caches() []store.Cache
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
	if c.kind.Manages != nil {
		c.kind.Manages(object)
	}
	if c.kind.InUse != nil {
		c.kind.InUse(object, c.opts.Clock.Now())
	}
	plan := &Plan[T]{}
	if err := c.kind.Plan(object, plan); err != nil {
		return err
	}
	owner := ownership.Owner{Kind: c.Name(), Name: name, UID: object.GetUID()}
	for _, child := range plan.children {
		child.observe(owner, false)
	}
	if plan.computeStatus != nil {
		plan.computeStatus(object.DeepCopyObject().(T))
	}
	return nil
}

// Causes implements Tracer.
func (c *controller[T]) Causes(from string, changed store.Object, name cache.ObjectName) (causes []string) {
	if from == c.kind.Resource.String() && cache.MetaObjectToName(changed) == name {
		causes = append(causes, CauseSelf)
	}
	for _, owned := range c.kind.Owns {
		owner, marked := ownership.OwnerOf(changed, owned.GroupVersionKind().GroupKind())
		if from == owned.String() && marked && owner.Kind == c.Name() && owner.Name == name {
			causes = append(causes, CauseOwned)
		}
	}
	object, ok := c.kind.Resource.Newest(name)
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
func (c *controller[T]) Caches() []store.Cache { return c.caches() }
