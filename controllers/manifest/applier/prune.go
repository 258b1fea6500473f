package applier

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// pruneAll deletes what the inventory holds and no document declares, or gives it up
// where the spec says that nothing is pruned: then another resource instance can have
// it. It waits until all documents are applied: nothing goes before its replacement is
// there.
func (p *pass) pruneAll(ctx context.Context, declared []manifest.Document, unknown []manifest.Result, applied bool) []manifest.Result {
	var results []manifest.Result
	var stale []xosv1.InventoryEntry
	for _, entry := range manifest.Leftover(p.saved, declared) {
		if applied && !isUnknown(entry, unknown) {
			stale = append(stale, entry)
			continue
		}
		result := manifest.FromEntry(entry)
		result.Kept = true
		if isUnknown(entry, unknown) {
			result.Health, result.Message = xosv1.HealthUnknown, "its kind is not served"
		}
		results = append(results, result)
	}
	p.removal = "prune"
	policy := xosv1.DeletionPolicyDelete
	if !p.prune {
		policy, p.consents = xosv1.DeletionPolicyOrphan, true
	}
	left, _ := p.clear(ctx, stale, policy, false)
	for i := range left {
		left[i].Pruned = true
	}
	p.acted = p.acted || len(left) > 0
	p.repaired = p.repaired || len(left) > 0
	return append(results, left...)
}

// isUnknown says whether an entry is of a document whose kind can't be found at
// the moment, and so not its namespace either.
func isUnknown(entry xosv1.InventoryEntry, unknown []manifest.Result) bool {
	id := manifest.IDOf(entry)
	for _, r := range unknown {
		if r.ID.GroupKind() == id.GroupKind() && r.ID.Name == id.Name {
			return true
		}
	}
	return false
}

// clear deletes objects in waves, or releases them as the policy says. It
// returns what is left, in the order of the entries, and what stands in the way.
// Where it is lenient, a lack of rights does not: what they are missing for is
// counted as lost and left behind.
func (p *pass) clear(ctx context.Context, entries []xosv1.InventoryEntry, policy xosv1.DeletionPolicy, lenient bool) (left []manifest.Result, errs []error) {
	byID := map[manifest.ID]xosv1.InventoryEntry{}
	ids := make([]manifest.ID, len(entries))
	for i, entry := range entries {
		ids[i] = manifest.IDOf(entry)
		byID[ids[i]] = entry
	}
	p.lenient = lenient
	askedEnough := false
	remaining := map[manifest.ID]manifest.Result{}
	for _, wave := range manifest.Waves(ids) {
		held := len(remaining) > 0
		for _, id := range wave {
			entry := byID[id]
			if held {
				remaining[id] = manifest.FromEntry(entry)
				continue
			}
			gone, err := p.guardedEnd(ctx, entry, policy)
			switch {
			case lenient && lacksRights(err):
				p.lost = append(p.lost, id)
			case errors.Is(err, kinds.ErrAskedEnough): // reported once, and not for each
				remaining[id], askedEnough = manifest.Failed(entry, err), true
			case err != nil:
				remaining[id], errs = manifest.Failed(entry, err), append(errs, err)
			case !gone:
				entry.Health, entry.Message = xosv1.HealthTerminating, p.holds[id]
				remaining[id] = manifest.FromEntry(entry)
			}
		}
	}
	if askedEnough {
		errs = append(errs, outcome.Retry(xosv1.ReasonFailed, "some kinds are not asked for yet: %v", kinds.ErrAskedEnough))
	}
	for _, id := range ids {
		if r, ok := remaining[id]; ok {
			left = append(left, r)
			delete(remaining, id) // an id that is there twice is reported once
		}
	}
	switch {
	case len(left) == 0:
	case len(p.refused) > 0:
		p.again() // nobody tells us of the end
	case p.ending > 0 || p.believed:
		p.enqueue(p.owner.Name, store.AcceptedDeletionTTL)
	}
	return left, errs
}

func lacksRights(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err)
}

// guardedEnd is end, where a panic is that object's failure alone.
func (p *pass) guardedEnd(ctx context.Context, entry xosv1.InventoryEntry, policy xosv1.DeletionPolicy) (gone bool, err error) {
	id := manifest.IDOf(entry)
	defer store.CatchPanic(Kind, ofInstance{p.owner.Name, id}, &err, func() error { return panicked(id) })
	return p.end(ctx, entry, policy)
}

// end deletes or releases one object, and says whether it is gone. Only what
// bears our own mark is touched, whatever an inventory says.
func (p *pass) end(ctx context.Context, entry xosv1.InventoryEntry, policy xosv1.DeletionPolicy) (gone bool, _ error) {
	id := manifest.IDOf(entry)
	if id.Namespace != "" && id.Namespace != p.account.Namespace {
		return true, nil // no object of ours: we place none there
	}
	kind := schema.FromAPIVersionAndKind(entry.APIVersion, entry.Kind)
	o, served, err := p.whereIs(kind, id, entry.UID)
	if err != nil || !served {
		return err == nil, err // with its kind
	}
	gone, err = p.endAt(ctx, o, entry, policy)
	if !errors.Is(err, errNotServed) {
		return gone, err
	}
	// What is known of the kind is out of date.
	o, served, err = p.askFor(kind, id)
	if err != nil || !served {
		return err == nil, err
	}
	if gone, err = p.endAt(ctx, o, entry, policy); errors.Is(err, errNotServed) {
		return false, nil // discovery is behind: reconciled again in a moment
	}
	return gone, err
}

// endAt is end for an object whose place in the API is known.
func (p *pass) endAt(ctx context.Context, o object, entry xosv1.InventoryEntry, policy xosv1.DeletionPolicy) (gone bool, _ error) {
	id := o.id
	if policy == xosv1.DeletionPolicyOrphan {
		return p.release(ctx, o, entry.UID)
	}
	live, exists, err := p.find(ctx, o)
	if apierrors.IsForbidden(err) && entry.UID == "" && entry.Health != "" {
		return true, nil // what may not be read was never applied, as a whole pass has shown
	}
	if err != nil {
		return false, err
	}
	if !exists || !p.owns(live, id, entry.UID) {
		p.seen.forget(id, entry.UID)
		return true, nil
	}
	if ownership.IsAdopted(live) && (p.policy != xosv1.DeletionPolicyDelete || p.adoptable(id.GroupKind(), live) != nil) {
		return p.release(ctx, o, live.UID)
	}
	if live.DeletionTimestamp != nil {
		p.holds[id] = observe.HeldBy(live, "")
		return false, nil // the watch reports its end
	}
	if p.seen.deleted(live.UID) {
		p.believed = true
		return false, nil // the watch shows in a moment that it is being deleted
	}
	return p.delete(ctx, o, live.UID)
}

// whereIs finds the resource of an entry; false where its kind is gone. Where nobody
// has to see to the end of what may be there, and nobody is known to have seen it,
// discovery's word is enough.
func (p *pass) whereIs(kind schema.GroupVersionKind, id manifest.ID, uid types.UID) (_ object, served bool, _ error) {
	p.declared[kind] = true
	found, err := p.kinds.Find(kind, p.owner.Name)
	if p.lenient && uid == "" && errors.Is(err, kinds.ErrUnknown) {
		return object{}, false, nil
	}
	if err != nil || found.Namespaced != (id.Namespace != "") {
		// Discovery may be behind, or leave out a group whose server is away.
		return p.askFor(kind, id)
	}
	return object{id: id, resource: found.GroupVersionResource}, true, nil
}

// askFor has the server say where the object of an entry is. A kind that has moved into
// namespaces, or out of them, has taken no object along.
func (p *pass) askFor(kind schema.GroupVersionKind, id manifest.ID) (_ object, served bool, _ error) {
	found, served, err := p.kinds.Ask(kind, p.owner.Name.Namespace, p.begun)
	if err != nil || !served || found.Namespaced != (id.Namespace != "") {
		return object{}, false, err
	}
	return object{id: id, resource: found.GroupVersionResource}, true, nil
}

// owns says whether an object names itself and our owner in its mark, and is the
// one that the inventory names, as far as that knows.
func (p *pass) owns(live metav1.Object, id manifest.ID, uid types.UID) bool {
	owner, _ := ownership.OwnerOf(live, id.GroupKind())
	return owner == p.owner && (uid == "" || live.GetUID() == uid)
}

// delete ends this very object. What it owns is left to the garbage collector.
func (p *pass) delete(ctx context.Context, o object, uid types.UID) (gone bool, _ error) {
	err := p.objects.Delete(ctx, o.ref(), uid)
	if apistatus.NotServed(err) {
		return false, p.misplaced(o)
	}
	if apierrors.IsConflict(err) {
		// Its name may have gone to another, or the server holds on to it for now.
		live, found, problem := p.read(ctx, o)
		switch {
		case problem != nil:
			return false, problem
		case found && live.UID == uid:
			return false, outcome.Retry(xosv1.ReasonConflict, "delete %s: %v", o.id, apistatus.Redact(err, nil))
		}
		p.seen.forget(o.id, uid)
		return true, nil
	}
	if apierrors.IsNotFound(err) {
		p.seen.forget(o.id, uid)
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("delete %s: %w", o.id, apistatus.Redact(err, nil))
	}
	p.seen.deleting(uid)
	p.wrote(o.id, p.removal)
	p.ending++
	return false, nil
}

// release gives an object up. Where the pass consents to it, another resource instance may
// adopt it. What is not ours, or is another object than this one, is left alone.
func (p *pass) release(ctx context.Context, o object, uid types.UID) (gone bool, _ error) {
	annotations := ownership.WithoutTracking()
	if p.consents {
		annotations[xosv1.AdoptableAnnotation] = "true"
	}
	owned := func(current *unstructured.Unstructured) bool {
		ours := p.owns(current, o.id, uid)
		uid = current.GetUID()
		return ours
	}
	released, err := p.objects.Release(ctx, o.ref(), owned, map[string]any{"annotations": annotations})
	switch {
	case released && err != nil:
		return false, fmt.Errorf("release %s: %w", o.id, apistatus.Redact(err, nil))
	case apistatus.NotServed(err):
		return false, p.misplaced(o)
	case err != nil:
		return false, fmt.Errorf("read %s: %w", o.id, apistatus.Redact(err, nil))
	}
	if released {
		p.seen.forget(o.id, uid)
		p.givenUp = append(p.givenUp, o.id)
	}
	return true, nil
}
