package applier

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// pruneHolders sees to Services that were refused because of a node port or an address that
// another Service of the namespace holds. Where that one is ours and declared no
// longer, as after a Service was renamed, it is pruned before its replacement is there,
// which could never be otherwise; any other holder is named.
func (p *pass) pruneHolders(ctx context.Context, targets []target, results []manifest.Result, leftover []xosv1.InventoryEntry) {
	for i, t := range targets {
		if !apistatus.Allocated(results[i].Err) {
			continue
		}
		holder, what := p.holderOf(ctx, t)
		if holder == nil {
			continue
		}
		id := manifest.ID{Kind: manifest.Service.Kind, Namespace: holder.GetNamespace(), Name: holder.GetName()}
		stale := slices.IndexFunc(leftover, func(e xosv1.InventoryEntry) bool { return manifest.IDOf(e) == id })
		switch {
		case stale < 0 || !p.owns(holder, id, ""):
			results[i].Err = outcome.Obstruct(xosv1.ReasonConflict, "%s: %s is held by %s: take another one, or leave it out", t.id, what, id)
		case !p.prune:
			results[i].Err = outcome.Obstruct(xosv1.ReasonConflict,
				"%s: %s is held by %s, which is declared no longer and stays, since spec.prune is false: delete it, or take another one", t.id, what, id)
		default:
			p.removal = "prune"
			if _, err := p.guardedEnd(ctx, leftover[stale], xosv1.DeletionPolicyDelete); err != nil {
				results[i].Err = err
				continue
			}
			results[i].Err = outcome.Retry(xosv1.ReasonProgressing, "%s: %s is held by %s, which is declared no longer and goes first", t.id, what, id)
		}
	}
}

// holderOf finds the Service of the same namespace that holds what another one was
// refused for, as far as the account may see it.
func (p *pass) holderOf(ctx context.Context, t target) (holder *unstructured.Unstructured, what string) {
	all, err := p.objects.List(ctx, t.ref())
	if err != nil {
		return nil, "" // the refusal says what is known
	}
	wanted := manifest.Allocated(t.document.Object)
	for i := range all.Items {
		if all.Items[i].GetName() == t.id.Name {
			continue
		}
		for _, held := range manifest.Allocated(&all.Items[i]) {
			if slices.Contains(wanted, held) {
				return &all.Items[i], held
			}
		}
	}
	return nil, ""
}
