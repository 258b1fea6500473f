package store

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// release gives an object up: its tracking metadata, our owner reference and our claim on
// its fields go, everything else stays as it is.
func (n *Native[O, A]) release(ctx context.Context, o O) error {
	owner, _ := ownership.OwnerOf(o, n.Kind.GroupKind())
	_, err := n.aboutOwned(o).release(ctx,
		func(current O) bool { return current.GetUID() == o.GetUID() },
		func(current O) map[string]any {
			metadata := ownership.Untracked(current, n.selected)
			metadata["ownerReferences"] = slices.DeleteFunc(current.GetOwnerReferences(),
				func(r metav1.OwnerReference) bool { return r.UID == owner.UID })
			return metadata
		})
	return err
}

// disown gives up an object of which our reference is the only one, by one patch of
// the version that the cache shows: the garbage collector is at work meanwhile.
func (n *Native[O, A]) disown(ctx context.Context, o O) error {
	metadata := ownership.Untracked(o, n.selected)
	metadata["ownerReferences"] = nil
	return n.aboutOwned(o).patchMetadata(ctx, o, metadata)
}

// aboutOwned are the requests about an object of which nothing is wanted any more.
func (n *Native[O, A]) aboutOwned(o O) requests[O] {
	var nothing A
	return n.requests(cache.MetaObjectToName(o), nothing, o)
}
