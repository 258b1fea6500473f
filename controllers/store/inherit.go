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
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Inherit has the records of client-side appliers hold no field that we declare, before
// an object is adopted: a field that is taken out of the declaration later would stay for
// theirs, and what we released ourselves would be held by a manager that nobody is.
//
// try is a dry run of our apply as a manager, which tells what that would make of the
// records; patch sends a merge patch. Where another manager's fields are in the way, the
// error names them.
func Inherit(manager, kind, name string, try func(force bool) (metav1.Object, error), patch func(data []byte) error) error {
	tried, err := try(false)
	if causes, _ := ownership.Conflicts(err); len(causes) > 0 {
		if held := slices.DeleteFunc(causes, ownership.OfClientSide); len(held) > 0 {
			return outcome.Conflicts(kind, name, held)
		}
		tried, err = try(true)
	}
	if err != nil {
		return err
	}
	records, changed, err := managedfields.Inherit(tried.GetManagedFields(), manager)
	if err != nil || !changed {
		return err
	}
	data, err := ownership.MetadataPatch(tried, map[string]any{"managedFields": records})
	if err != nil {
		return err
	}
	if err = patch(data); apierrors.IsConflict(err) {
		return outcome.Retry(xosv1.ReasonConflict, "%s %s changed while it was to be taken over: trying again", kind, name)
	}
	return err
}

func (n *Native[O, A]) InheritFields(ctx context.Context, name cache.ObjectName, want A) error {
	if n.adoption.Shared {
		return nil
	}
	client := n.client(name.Namespace)
	try := func(force bool) (metav1.Object, error) {
		tried, err := client.Apply(ctx, want, metav1.ApplyOptions{FieldManager: xosv1.FieldManager, Force: force, DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return nil, fmt.Errorf("try to apply %s %s: %w", n.Kind.Kind, name, err)
		}
		return tried, nil
	}
	patch := func(data []byte) error {
		_, err := client.Patch(ctx, name.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
		if err != nil {
			return fmt.Errorf("take over the fields of %s %s: %w", n.Kind.Kind, name, err)
		}
		return nil
	}
	return Inherit(xosv1.FieldManager, n.Kind.Kind, name.String(), try, patch)
}
