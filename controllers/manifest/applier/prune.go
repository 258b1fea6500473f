package applier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// pruneAll deletes what the inventory holds and no document declares. It waits
// until all documents are applied: nothing goes before its replacement is there.
func (p *pass) pruneAll(ctx context.Context, declared []manifest.Document, unknown []manifest.Result, applied bool) []manifest.Result {
	var results []manifest.Result
	var stale []xosv1.InventoryEntry
	for _, entry := range manifest.Leftover(p.saved, declared) {
		if isUnknown(entry, unknown) {
			continue // declared, and told of already
		}
		if p.prune && applied {
			stale = append(stale, entry)
			continue
		}
		result := manifest.FromEntry(entry)
		result.Kept = true
		results = append(results, result)
	}
	p.removal = "prune"
	left, _ := p.clear(ctx, stale, xosv1.DeletionPolicyDelete)
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
// returns what is left and what stands in the way.
func (p *pass) clear(ctx context.Context, entries []xosv1.InventoryEntry, policy xosv1.DeletionPolicy) (left []manifest.Result, errs []error) {
	byID := map[manifest.ID]xosv1.InventoryEntry{}
	ids := make([]manifest.ID, len(entries))
	for i, entry := range entries {
		ids[i] = manifest.IDOf(entry)
		byID[ids[i]] = entry
	}
	for _, wave := range manifest.Waves(ids) {
		held := len(left) > 0
		for _, id := range wave {
			entry := byID[id]
			if held {
				left = append(left, manifest.FromEntry(entry))
				continue
			}
			gone, err := p.end(ctx, entry, policy)
			if err != nil {
				left, errs = append(left, manifest.Failed(entry, err)), append(errs, err)
			} else if !gone {
				entry.Health, entry.Message = xosv1.HealthTerminating, ""
				left = append(left, manifest.FromEntry(entry))
			}
		}
	}
	if len(left) > 0 && len(p.refused) > 0 {
		p.enqueue(p.owner.Name, pollUnserved) // nobody tells us of the end
	}
	return left, errs
}

// end deletes or releases one object, and says whether it is gone. Only what
// bears our own mark is touched, whatever an inventory says.
func (p *pass) end(ctx context.Context, entry xosv1.InventoryEntry, policy xosv1.DeletionPolicy) (gone bool, _ error) {
	id := manifest.IDOf(entry)
	kind := schema.FromAPIVersionAndKind(entry.APIVersion, entry.Kind)
	found, err := p.kinds.find(kind)
	if meta.IsNoMatchError(err) {
		var served bool
		if found, served, err = p.kinds.ask(kind); err == nil && !served {
			return true, nil // with its kind
		}
	}
	if err != nil {
		return false, err
	}
	o := object{id: id, resource: found.GroupVersionResource}
	live, exists, err := p.find(ctx, o)
	if errors.Is(err, errNotServed) {
		_, served, err := p.kinds.ask(kind)
		return err == nil && !served, err
	}
	if apierrors.IsForbidden(err) && entry.UID == "" && entry.Health != "" {
		return true, nil // what may not be read was never applied, as a whole pass has shown
	}
	if err != nil {
		return false, err
	}
	owner, _ := engine.OwnerOf(metadataOrNone(live), id.GroupKind())
	if !exists || owner != p.owner || (entry.UID != "" && live.UID != entry.UID) {
		p.sightings.forget(id, entry.UID)
		return true, nil
	}
	if policy == xosv1.DeletionPolicyOrphan || (live.Annotations[xosv1.AdoptedAnnotation] != "" && p.policy != xosv1.DeletionPolicyDelete) {
		return p.release(ctx, o, live.UID)
	}
	if live.DeletionTimestamp != nil || p.sightings.deleted(live.UID) {
		return false, nil // the watch tells of its end
	}
	return p.delete(ctx, o, live.UID)
}

func metadataOrNone(live *metav1.PartialObjectMetadata) *metav1.PartialObjectMetadata {
	if live == nil {
		return &metav1.PartialObjectMetadata{}
	}
	return live
}

// delete ends this very object. What it owns is left to the garbage collector.
func (p *pass) delete(ctx context.Context, o object, uid types.UID) (gone bool, _ error) {
	background := metav1.DeletePropagationBackground
	err := p.clientOf(o).Delete(ctx, o.id.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &uid}, PropagationPolicy: &background,
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		p.sightings.forget(o.id, uid)
		return true, nil // it is gone, and its name may have gone to another
	}
	if err != nil {
		return false, fmt.Errorf("delete %s: %w", o.id, manifest.Conceal(o.id, err))
	}
	p.sightings.deleting(uid)
	p.wrote(o.id, p.removal)
	p.ending++
	return false, nil
}

// release gives an object up: our marks and our claim on its fields go, all else
// stays as it is.
func (p *pass) release(ctx context.Context, o object, uid types.UID) (gone bool, _ error) {
	current, err := p.clientOf(o).Get(ctx, o.id.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || (err == nil && current.GetUID() != uid) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", o.id, manifest.Conceal(o.id, err))
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": uid, "resourceVersion": current.GetResourceVersion(),
		"annotations":   map[string]any{xosv1.OwnerAnnotation: nil, xosv1.AppliedAnnotation: nil, xosv1.AdoptedAnnotation: nil},
		"managedFields": engine.Disclaim(current.GetManagedFields(), p.manager),
	}})
	if err != nil {
		return false, fmt.Errorf("encode patch: %w", err)
	}
	_, err = p.clientOf(o).Patch(ctx, o.id.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: p.manager})
	if err != nil && !apierrors.IsNotFound(err) {
		return false, fmt.Errorf("release %s: %w", o.id, manifest.Conceal(o.id, err))
	}
	p.sightings.forget(o.id, uid)
	return true, nil
}

// Dismiss implements engine.External.
func (a *Applier) Dismiss(ctx context.Context, object instance) (done bool, observe func(into instance) verdict.Outcome) {
	policy, state := object.Spec.DeletionPolicy, xosv1.KubectlStateDeleted
	if !xosv1.IsManaged(object) {
		policy = xosv1.DeletionPolicyOrphan
	}
	if policy == xosv1.DeletionPolicyOrphan {
		state = object.Status.KubectlState
	}
	left, errs, ending := a.dismiss(ctx, object, policy)
	if len(left) > 0 && len(left) == ending && len(errs) == 0 && object.DeletionTimestamp != nil {
		return false, nil // most likely gone in a moment: told of if they are not
	}
	entries := make([]xosv1.InventoryEntry, len(left))
	ids := make([]manifest.ID, len(left))
	for i, r := range left {
		entries[i], ids[i] = r.Entry(), r.ID
	}
	if len(left) == 0 && len(errs) == 0 {
		a.Forget(cache.MetaObjectToName(object))
		if len(object.Status.Inventory) == 0 {
			return true, nil
		}
	}
	return len(left) == 0 && len(errs) == 0, func(into instance) verdict.Outcome {
		into.Status.Inventory, into.Status.KubectlState = entries, state
		return manifest.Dismissing(ids, errs)
	}
}

// dismiss clears away what an instance made. ending is how much of what is left
// it has just begun to delete.
func (a *Applier) dismiss(ctx context.Context, object instance, policy xosv1.DeletionPolicy) (left []manifest.Result, errs []error, ending int) {
	inventory := manifest.Inventory(object)
	if len(inventory) == 0 {
		return nil, nil, 0
	}
	for _, entry := range inventory {
		left = append(left, manifest.FromEntry(entry))
	}
	p, err := a.newPass(object, a.lastPlace(object))
	if err != nil {
		return left, []error{err}, 0
	}
	left, errs = p.clear(ctx, inventory, policy)
	p.leave()
	return left, errs, p.ending
}
