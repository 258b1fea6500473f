package reconciler

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Plan collects what one custom resource wants: the native objects, in the
// order in which they are made, and how to judge the result.
type Plan[T store.CustomObject] struct {
	children      []child
	computeStatus func(into T) outcome.Outcome
	// pruneFirst has what is not wanted any more gone before anything is made.
	pruneFirst bool
}

// PruneFirst has what is not wanted any more deleted, with all that it owns,
// before anything new is made: for kinds whose old and new objects must not run
// side by side.
func (p *Plan[T]) PruneFirst() { p.pruneFirst = true }

// ComputeStatus says how to judge the result: the function is handed the custom
// resource to write its status fields into, and returns the outcome. It is
// called once all children have converged, or were looked at, and must be pure.
func (p *Plan[T]) ComputeStatus(judge func(into T) outcome.Outcome) { p.computeStatus = judge }

// wanted are the children whose needs are there. It is asked as the pass goes on: a
// child may be there only once it was converged.
func (p *Plan[T]) wanted(yield func(child) bool) {
	for _, child := range p.children {
		if need := child.needs(); need != nil && !need.present() {
			continue
		}
		if !yield(child) {
			return
		}
	}
}

// child is one wanted native object, as the loop sees it.
type child interface {
	// name says which object; a cluster-scoped one has no namespace.
	name() cache.ObjectName
	// kind is the object's kind, without and with its group.
	kind() string
	groupKind() schema.GroupKind
	// path is the object's API path.
	path() string
	// protected says that the object is never to be deleted.
	protected() bool
	// awaited says that the owner stays until the object has ended.
	awaited() bool
	// observe finds out how things are, without a write. Of an object that is only
	// inventoried it does not matter whose it is.
	observe(owner ownership.Owner, whosever bool)
	// keptFields tells of fields that the object keeps though they are declared no longer.
	keptFields() string
	// needs is another object of the plan without which this one may not be; nil
	// where there is none.
	needs() child
	// present says that the object is there and ours.
	present() bool
	// converge makes the object be as it is wanted, with one write at the most.
	converge(ctx context.Context, pass *pass) error
}

// Change is what is to be done about an object that differs from what is wanted.
type Change int

const (
	// Patch changes the object in place.
	Patch Change = iota
	// Replace deletes the object and makes it anew once it is gone.
	Replace
	// Keep leaves the object as it is.
	Keep
)

// Child is a native object that a plan wants. After convergence Live tells what
// is there.
type Child[O store.Object, A ownership.Configuration[A]] struct {
	native  *store.Native[O, A]
	want    A
	key     cache.ObjectName
	change  func(live O) Change
	explain func(ctx context.Context, err error) error
	// complete, where not nil, adds to what is applied; see OnApply.
	complete func(want A, live O)
	// missing tells, instead of the object being made, that there is none to take
	// over; nil where it may be made.
	missing error
	// done says whether what is wanted, by its fingerprint, was done before; see Done.
	done func(fingerprint string) bool
	need child

	live  O
	found bool
	// hash is the fingerprint of what is wanted; empty where nothing is to be brought
	// about.
	hash string
	// ended says that this pass has deleted the object, or found it gone.
	ended bool
}

// Own adds a native object to a plan.
func Own[T store.CustomObject, O store.Object, A ownership.Configuration[A]](p *Plan[T], native *store.Native[O, A], want A) *Child[O, A] {
	key := cache.NewObjectName("", *want.GetName())
	if namespace := want.GetNamespace(); namespace != nil {
		key.Namespace = *namespace
	}
	c := &Child[O, A]{native: native, want: want, key: key, change: func(O) Change { return Patch }}
	p.children = append(p.children, c)
	return c
}

// OnChange decides how an object that exists is brought to what is wanted; the
// default is to patch it. The function is asked each time and must be pure.
func (c *Child[O, A]) OnChange(change func(live O) Change) *Child[O, A] {
	c.change = change
	return c
}

// OnError lets a kind say more about a write that was refused than the server
// did. It is called on that way only, so it may ask the server.
func (c *Child[O, A]) OnError(explain func(ctx context.Context, err error) error) *Child[O, A] {
	c.explain = explain
	return c
}

// OnApply completes what is about to be applied to an object of ours by what that has
// already: fields that the server gave, which are not wanted by themselves and are to
// stay whatever else changes.
func (c *Child[O, A]) OnApply(complete func(want A, live O)) *Child[O, A] {
	c.complete = complete
	return c
}

// Existing has the object taken over and kept, but never made: where there is
// none, missing says so to a person, with the way out. What it counts as is
// always the same, NothingToAdopt.
func (c *Child[O, A]) Existing(missing error) *Child[O, A] {
	c.missing = missing
	return c
}

// Done has the object not made again where what is wanted was done before, and the
// cluster has taken the object away since, as it does with a Job that has a time to
// live. What is wanted is known by its fingerprint, as Wanted gives it.
func (c *Child[O, A]) Done(done func(fingerprint string) bool) *Child[O, A] {
	c.done = done
	return c
}

// Needs has the object made, and kept, only while another one is there and ours, which
// stands before it in the plan: for what would otherwise work upon another client's
// object of that name.
func Needs[O, P store.Object, A ownership.Configuration[A], B ownership.Configuration[B]](c *Child[O, A], other *Child[P, B]) {
	c.need = other
}

// Live is the object as last seen or written; false while there is none of ours.
func (c *Child[O, A]) Live() (O, bool) { return c.live, c.found }

// Wanted is the fingerprint of what is wanted; empty where this pass does not bring
// it about.
func (c *Child[O, A]) Wanted() string { return c.hash }

// AsApplied says that what is wanted is what the object was last brought to: whatever
// else differs was changed by another client since.
func (c *Child[O, A]) AsApplied(live O) bool {
	return c.hash != "" && ownership.Fingerprint(live) == c.hash
}

// Terminating says whether the object is on its way out, deleted by this very pass
// or by anybody else: however well it does, it is not what the plan wants.
func (c *Child[O, A]) Terminating() bool {
	return c.found && (c.ended || c.native.Terminating(c.live))
}

// Held is what holds up the end of an object that is on its way out, for a person;
// empty where nothing is known to.
func (c *Child[O, A]) Held() string {
	if !c.found {
		return ""
	}
	return c.native.HeldBy(c.live)
}

// Handle is the API path of the object; empty while there is none of ours.
func (c *Child[O, A]) Handle() string {
	if !c.found {
		return ""
	}
	return c.path()
}

func (c *Child[O, A]) path() string {
	return observe.Handle(c.native.Kind.GroupVersion().String(), c.native.Plural, c.key.Namespace, c.key.Name)
}

// Present judges the child by its presence alone.
func (c *Child[O, A]) Present() outcome.Outcome {
	if c.Terminating() {
		return status.Recreated(c.kind()+" "+c.key.String(), c.Held())
	}
	return status.Present(c.kind(), c.key.String(), c.found)
}

func (c *Child[O, A]) needs() child           { return c.need }
func (c *Child[O, A]) awaited() bool          { return c.native.Awaited() }
func (c *Child[O, A]) present() bool          { return c.found }
func (c *Child[O, A]) name() cache.ObjectName { return c.key }
func (c *Child[O, A]) kind() string           { return c.native.Kind.Kind }
func (c *Child[O, A]) groupKind() schema.GroupKind {
	return c.native.Kind.GroupKind()
}
func (c *Child[O, A]) protected() bool { return c.native.IsProtected(c.key) }

func (c *Child[O, A]) observe(owner ownership.Owner, whosever bool) {
	if live, ok := c.native.Get(c.key); ok && (whosever || ownership.Relate(live, c.native.Kind.GroupKind(), owner) == ownership.OwnedByThis) {
		c.live, c.found = live, true
	}
}

// keptFields tells of what the object keeps though it is declared no longer.
func (c *Child[O, A]) keptFields() string {
	if !c.found || c.hash == "" {
		return ""
	}
	return c.native.KeptBy(c.key, c.live.GetUID(), c.hash)
}
