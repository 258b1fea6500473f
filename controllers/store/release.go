package store

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// release gives an object up: our marks, our owner reference and our claim on
// its fields go, everything else stays as it is. It reads the object, since a
// cache does not keep who manages which field; a release is rare.
func (n *Native[O, A]) release(ctx context.Context, o O) error {
	current, err := n.Read(ctx, cache.MetaObjectToName(o))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if current.GetUID() != o.GetUID() {
		return nil
	}
	owner, _ := ownership.OwnerOf(o, n.Kind.GroupKind())
	metadata := ownership.Untracked(current, n.selected)
	metadata["ownerReferences"] = slices.DeleteFunc(current.GetOwnerReferences(),
		func(r metav1.OwnerReference) bool { return r.UID == owner.UID })
	metadata["managedFields"] = ownership.Disclaim(current.GetManagedFields(), xosv1.FieldManager)
	return n.patchMetadata(ctx, current, metadata)
}

// disown gives up an object of which our reference is the only one, by one patch of
// the version that the cache shows: the garbage collector is at work meanwhile.
func (n *Native[O, A]) disown(ctx context.Context, o O) error {
	metadata := ownership.Untracked(o, n.selected)
	metadata["ownerReferences"] = nil
	return n.patchMetadata(ctx, o, metadata)
}

func (n *Native[O, A]) patchMetadata(ctx context.Context, o O, metadata map[string]any) error {
	patch, err := ownership.MetadataPatch(o, metadata)
	if err != nil {
		return err
	}
	released, err := n.client(o.GetNamespace()).
		Patch(ctx, o.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	n.ObserveWrite(ReconcilerWriter, released)
	return nil
}
