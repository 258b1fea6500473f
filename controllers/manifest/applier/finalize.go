package applier

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// finalization is what the end of a resource instance, or its being handed back, has
// come to.
type finalization struct {
	left []manifest.Result
	errs []error
	// begun is how much of what is left has just begun to be deleted.
	begun int
	// lost are the objects that stay where they are, since nobody may see to them.
	lost []manifest.ID
}

// Finalize implements reconciler.CustomReconciler.
func (a *Applier) Finalize(ctx context.Context, object instance) (done bool, observe func(into instance) outcome.Outcome) {
	policy, state := object.Spec.DeletionPolicy, xosv1.KubectlStateDeleted
	if !xosv1.IsManaged(object) {
		policy = xosv1.DeletionPolicyOrphan
	}
	d := a.finalize(ctx, object, policy)
	if policy == xosv1.DeletionPolicyOrphan || len(d.errs) > 0 {
		state = object.Status.KubectlState
	}
	done = len(d.left) == 0 && len(d.errs) == 0
	if !done && len(d.left) == d.begun && len(d.errs) == 0 && object.DeletionTimestamp != nil {
		return false, nil // most likely gone in a moment: reported if they are not
	}
	if done {
		a.Forget(cache.MetaObjectToName(object))
		a.recordLeftBehind(object, policy, d.lost)
		if len(object.Status.Inventory) == 0 && object.Status.Account == nil {
			return true, nil
		}
	}
	entries := make([]xosv1.InventoryEntry, len(d.left))
	for i, r := range d.left {
		entries[i] = r.Entry()
	}
	return done, func(into instance) outcome.Outcome {
		into.Status.Inventory, into.Status.KubectlState = entries, state
		if done {
			into.Status.Account = nil
		}
		return manifest.Finalizing(d.left, d.errs)
	}
}

// finalize clears away what an instance made, or gives it up. What is in a namespace
// that is terminating or gone is that namespace's to delete: no finalizer of ours
// waits for it, nor for rights that went with it.
func (a *Applier) finalize(ctx context.Context, object instance, policy xosv1.DeletionPolicy) finalization {
	inventory, ending := a.lasting(object)
	if len(inventory) == 0 {
		return finalization{}
	}
	lenient := ending || policy == xosv1.DeletionPolicyOrphan || a.rules.Uninstalled()
	var d finalization
	for _, entry := range inventory {
		d.left = append(d.left, manifest.FromEntry(entry))
	}
	account, err := a.rules.Former(object)
	switch {
	case err != nil && lenient:
		for _, r := range d.left {
			d.lost = append(d.lost, r.ID)
		}
		d.left = nil
		return d
	case err != nil:
		a.StopWatching(object)
		// No watch shows each way in which an account may come to be proven.
		d.errs = []error{outcome.Obstruct(xosv1.ReasonForbidden,
			"%s can't be deleted, since there is no account to do it as: %v", manifest.Names(d.left), err)}
		return d
	}
	p, err := a.newPass(object, account)
	if err != nil {
		d.errs = []error{err}
		return d
	}
	d.left, d.errs = p.clear(ctx, inventory, policy, lenient)
	p.leave()
	d.begun, d.lost = p.ending, p.lost
	return d
}

// lasting is the part of an inventory that does not end by itself. ending says that
// a namespace is terminating or gone with which rights may have gone.
func (a *Applier) lasting(object instance) (entries []xosv1.InventoryEntry, ending bool) {
	ends := map[string]bool{"": false, object.Namespace: a.rules.Ending(object.Namespace)}
	if account := object.Status.Account; account != nil {
		ends[account.Namespace] = a.rules.Ending(account.Namespace)
	}
	for _, entry := range manifest.Inventory(object) {
		gone, known := ends[entry.Namespace]
		if !known {
			gone = a.rules.Ending(entry.Namespace)
			ends[entry.Namespace] = gone
		}
		if !gone {
			entries = append(entries, entry)
		}
	}
	for _, gone := range ends {
		ending = ending || gone
	}
	return entries, ending
}

// recordReleased records an Event about objects that are declared no longer and were not
// pruned.
func (a *Applier) recordReleased(object instance, released []manifest.ID) {
	if a.recorder == nil || len(released) == 0 {
		return
	}
	copied := object.DeepCopy()
	copied.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(Kind))
	a.recorder.Eventf(copied, nil, corev1.EventTypeNormal, xosv1.ReasonGivenUp, "Prune", "%s", manifest.Released(released))
}

// recordLeftBehind records an Event about objects that stay where they are.
func (a *Applier) recordLeftBehind(object instance, policy xosv1.DeletionPolicy, lost []manifest.ID) {
	if a.recorder == nil || len(lost) == 0 {
		return
	}
	copied := object.DeepCopy()
	copied.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(Kind))
	kind, note := corev1.EventTypeWarning, manifest.LeftBehind(lost)
	if policy == xosv1.DeletionPolicyOrphan {
		kind, note = corev1.EventTypeNormal, manifest.LeftMarked(lost)
	}
	a.recorder.Eventf(copied, nil, kind, xosv1.ReasonForbidden, "Delete", "%s", note)
}
