package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// unmarked are the changes of metadata by which an object loses our marks. The labels by
// which its owner is found go too, but where others select the object by them.
func (n *Native[O, A]) unmarked(o metav1.Object) map[string]any {
	labels := map[string]any{xosv1.ManagedByLabel: nil}
	for _, key := range []string{xosv1.SliceLabel, xosv1.ServiceLabel, xosv1.NamespaceLabel, xosv1.ControllerKindLabel} {
		if _, has := o.GetLabels()[key]; has && !n.selected {
			labels[key] = nil
		}
	}
	return map[string]any{
		"annotations": map[string]any{
			xosv1.OwnerAnnotation: nil, xosv1.AppliedAnnotation: nil, xosv1.AdoptedAnnotation: nil,
			xosv1.FixedAnnotation: nil, xosv1.MutableAnnotation: nil,
		},
		"labels": labels,
	}
}

// release gives an object up: our marks, our owner reference and our claim on
// its fields go, everything else stays as it is. It reads the object, since a
// cache does not keep who manages which field; a release is rare.
func (n *Native[O, A]) release(ctx context.Context, o O) error {
	current, err := n.get(ctx, cache.MetaObjectToName(o))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if current.GetUID() != o.GetUID() {
		return nil
	}
	owner, _ := OwnerOf(o, n.Kind.GroupKind())
	metadata := n.unmarked(current)
	metadata["uid"], metadata["resourceVersion"] = current.GetUID(), current.GetResourceVersion()
	metadata["ownerReferences"] = slices.DeleteFunc(current.GetOwnerReferences(),
		func(r metav1.OwnerReference) bool { return r.UID == owner.UID })
	metadata["managedFields"] = Disclaim(current.GetManagedFields(), xosv1.FieldManager)
	return n.patchMetadata(ctx, o, metadata)
}

// disown gives up an object of which our reference is the only one, by one patch of
// the version that the cache shows: the garbage collector is at work meanwhile.
func (n *Native[O, A]) disown(ctx context.Context, o O) error {
	metadata := n.unmarked(o)
	metadata["uid"], metadata["resourceVersion"], metadata["ownerReferences"] = o.GetUID(), o.GetResourceVersion(), nil
	return n.patchMetadata(ctx, o, metadata)
}

func (n *Native[O, A]) patchMetadata(ctx context.Context, o O, metadata map[string]any) error {
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return fmt.Errorf("encode patch: %w", err)
	}
	released, err := n.client(o.GetNamespace()).
		Patch(ctx, o.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), err)
	}
	n.Wrote(released)
	return nil
}
