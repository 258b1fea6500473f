package reconciler

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// converge brings one native object to what is wanted.
//
//	not there                  create, unless it was done and taken away
//	there, ours, as wanted     nothing
//	there, ours, different     apply, replace or keep, as the change says
//	there, of a predecessor    take over, if that owner is really gone; where the
//	                           garbage collector has it, wait for its end
//	there, nobody's            adopt, where the spec asks for it and there is consent
//	there, another's           leave alone and say who holds it
func (c *Child[O, A]) converge(ctx context.Context, p *pass) error {
	err := c.apply(ctx, p)
	if apistatus.FencedOut(err) && c.native.Opened(c.key.Namespace) {
		return outcome.Retry(xosv1.ReasonProgressing, "%s %s: the API server does not know yet that namespace %s is the trust domain's: trying again",
			c.kind(), c.key, c.key.Namespace)
	}
	if err != nil && c.explain != nil {
		return c.explain(ctx, err)
	}
	return err
}

func (c *Child[O, A]) apply(ctx context.Context, p *pass) error {
	want := ownership.WithTracking(c.want, ownership.TrackingID{Owner: p.owner, Kind: c.native.Kind.GroupKind(), Name: c.key}, p.kind, p.referenced(c))
	data, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", c.kind(), c.key, err)
	}
	hash := store.FingerprintOf(data)
	c.hash = hash

	live, ok, err := c.current(ctx, p)
	if err != nil {
		return err
	}
	if !ok && c.missing != nil {
		// No watch tells of an object that is not marked as ours yet.
		return outcome.Obstruct(xosv1.ReasonNothingToAdopt, "%v", c.missing)
	}
	if !ok && c.wasDone(hash) {
		return nil
	}
	if !ok {
		if err := p.mayCreate(c, "create "+hash); err != nil {
			return err
		}
		created, err := c.native.Create(ctx, c.key, data, hash)
		if err == nil {
			p.wrote("create", c.kind())
			c.native.ObserveAnswer(created, data, hash)
			p.created, c.live, c.found = true, created, true
			return nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		// The name is taken by something that the cache does not show.
		if live, err = c.native.Read(ctx, c.key); apierrors.IsNotFound(err) {
			return outcome.Retry(xosv1.ReasonConflict, "%s %s was there a moment ago; trying again", c.kind(), c.key)
		} else if err != nil {
			return err
		}
	}

	switch ownership.Relate(live, c.groupKind(), p.owner) {
	case ownership.OwnedByThis:
		return c.keep(ctx, p, want, data, hash, live)
	case ownership.LeftByPredecessor:
		return c.takeOver(ctx, p, want, data, hash, live)
	case ownership.Collected:
		return c.awaitCollection(ctx, p, live)
	case ownership.Unowned:
		return c.mayAdopt(ctx, p, want, hash, live)
	default:
		return c.nameConflict(p, live, false)
	}
}

// wasDone returns whether an object that is not there was done, and taken away by the
// cluster. One that the custom resource has not noted yet is shown once more, on its way
// out.
func (c *Child[O, A]) wasDone(hash string) bool {
	if c.done == nil {
		return false
	}
	if c.done(hash) {
		c.native.ForgetFinished(c.key)
		return true
	}
	last, found := c.native.FinishedAs(c.key, hash)
	if found {
		c.live, c.found, c.ended = last, true, true
	}
	return found
}

// mayAdopt adopts what belongs to nobody, where the spec asks for that and somebody
// who may consent to it has.
func (c *Child[O, A]) mayAdopt(ctx context.Context, p *pass, want A, hash string, live O) error {
	if !p.adopt {
		return c.nameConflict(p, live, true)
	}
	if err := c.native.AdoptionRule().Check(fmt.Sprintf("%s %s", c.kind(), c.key), live, p.adoption); err != nil {
		return err
	}
	return c.adoptUnowned(ctx, p, want, hash, live)
}

// nameConflict is the error of a name that is taken. The log reports to the operator what
// the owner's author may not know.
func (c *Child[O, A]) nameConflict(p *pass, live O, unowned bool) error {
	withheld, err := ownership.NameConflict(fmt.Sprintf("%s %s", c.kind(), c.key), "this object", p.owner.Name.Namespace, live, unowned)
	if withheld != "" {
		p.log.Info("A name is taken by an object in another namespace", "child", c.kind(), "name", c.key.String(), "holder", withheld)
	}
	return err
}

// current is the object as it is now. The cache knows, but for an object that is
// there and not ours, which it may not show: where such a one is to be adopted,
// the server is asked before the first write.
func (c *Child[O, A]) current(ctx context.Context, p *pass) (live O, ok bool, err error) {
	if live, ok = c.native.Get(c.key); ok || !p.adopt {
		return live, ok, nil
	}
	live, err = c.native.Read(ctx, c.key)
	if apierrors.IsNotFound(err) {
		return live, false, nil
	}
	return live, err == nil, err
}

// keep brings an object of ours to what is wanted, and does nothing where it
// already is so.
func (c *Child[O, A]) keep(ctx context.Context, p *pass, want A, data []byte, hash string, live O) error {
	c.live, c.found = live, true
	if c.native.Terminating(live) {
		return nil // its end wakes us, and the next pass makes it anew
	}
	change := c.change(live)
	if change == Replace {
		p.wrote("replace", c.kind())
		c.ended = true
		return c.native.DeleteExactly(ctx, live, metav1.DeletePropagationBackground, true)
	}
	strayed, fields, err := c.native.Drifted(live, data, hash)
	if err != nil {
		return err
	}
	unchanged := ownership.Fingerprint(live) == hash
	if change == Keep || (!strayed && unchanged) {
		return p.contested(c)
	}
	if err := p.mayRepair(c, hash, func() string { return ownership.Rivals(fields, c.native.OtherWriters(ctx, live, fields)) }); err != nil {
		return err
	}
	if unchanged {
		p.drifted(c.kind())
	}
	if err := c.applyAll(ctx, want, data, hash, live, ownership.IsAdopted(live)); err != nil {
		return err
	}
	p.wrote("apply", c.kind())
	return p.contested(c)
}

// applyAll applies to an object of ours, and removes what is not wanted any more
// from it, a create's fields included. It names the UID, so that nothing is made
// where the object has just gone.
func (c *Child[O, A]) applyAll(ctx context.Context, want A, data []byte, hash string, live O, adopted bool) error {
	if store.Unclaimed(live) && live.GetLabels()[xosv1.ManagedByLabel] != xosv1.ManagedByValue {
		// The fence lets us claim nothing before the namespace bears our label again.
		if err := c.applyOnce(ctx, want, data, hash, live, adopted); err != nil {
			return err
		}
		live = c.live
	}
	if store.Unclaimed(live) {
		if err := c.native.ClaimFields(ctx, live); err != nil {
			return err
		}
	}
	return c.applyOnce(ctx, want, data, hash, live, adopted)
}

func (c *Child[O, A]) applyOnce(ctx context.Context, want A, data []byte, hash string, live O, adopted bool) error {
	if c.complete != nil {
		c.complete(want, live)
	}
	applied, err := c.native.ApplyOver(ctx, c.key, want.WithAnnotations(ownership.Applied(hash, adopted)).WithUID(live.GetUID()), live)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return outcome.Retry(xosv1.ReasonConflict, "%s %s went while it was to be changed: trying again", c.kind(), c.key)
	}
	if err != nil {
		return err
	}
	c.native.ObserveAnswer(applied, data, hash)
	c.live, c.found = applied, true
	return nil
}

// adoptUnowned adopts an object that belongs to nobody. It names the UID, so that nothing
// is created where the object has just gone.
func (c *Child[O, A]) adoptUnowned(ctx context.Context, p *pass, want A, hash string, live O) error {
	if err := ownership.CheckManagedBy(c.kind(), live); err != nil {
		return err
	}
	applied, err := c.native.Adopt(ctx, c.key, want.WithAnnotations(ownership.Applied(hash, true)).WithUID(live.GetUID()), live)
	if err != nil {
		return err
	}
	p.wrote("adopt", c.kind())
	c.live, c.found = applied, true
	return nil
}

// takeOver makes ours what an earlier owner of the same kind and name left behind: it
// was restored without its owner, or its owner was made again. That owner's end is
// made sure of first: our own view of the owner may be the stale one, and then the
// object belongs to its successor. What the earlier one had adopted takes the same
// as then.
func (c *Child[O, A]) takeOver(ctx context.Context, p *pass, want A, data []byte, hash string, live O) error {
	if c.native.Terminating(live) {
		return outcome.WaitFor("%s %s of an earlier %s is still being deleted", c.kind(), c.key, p.owner.Kind)
	}
	if current, err := p.confirm(ctx); err != nil || !current {
		return err // we are the ones that are out of date: the cache will tell
	}
	if ownership.IsAdopted(live) || c.protected() {
		return c.mayAdopt(ctx, p, want, hash, live)
	}
	if err := p.mayRepair(c, hash, func() string { return "" }); err != nil {
		return err
	}
	if err := c.applyAll(ctx, want, data, hash, live, false); err != nil {
		return err
	}
	p.wrote("adopt", c.kind())
	return nil
}

// awaitCollection waits for the end of what the garbage collector has: it refers to
// an earlier owner, which is gone. We stand in for the collector, which may be slow.
func (c *Child[O, A]) awaitCollection(ctx context.Context, p *pass, live O) error {
	waiting := outcome.WaitFor("%s %s of an earlier %s is being deleted", c.kind(), c.key, p.owner.Kind)
	if c.native.Terminating(live) || c.protected() {
		return waiting
	}
	if current, err := p.confirm(ctx); err != nil || !current {
		return err
	}
	p.wrote("delete", c.kind())
	if err := c.native.DeleteExactly(ctx, live, metav1.DeletePropagationBackground, true); err != nil {
		return err
	}
	return waiting
}
