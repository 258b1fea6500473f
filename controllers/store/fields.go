package store

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/csaupgrade"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
)

// ApplyOver applies to an object of ours: see requests.applyOver.
func (n *Native[O, A]) ApplyOver(ctx context.Context, name cache.ObjectName, want A, live O) (O, error) {
	return n.requests(name, want, live).applyOver(ctx, false)
}

// Adopt applies to an object without an owner. It never forces: a field that another
// manager holds stays theirs, and the error names it. Only client-side appliers give up to
// us what we declare, unless the object is shared with them.
func (n *Native[O, A]) Adopt(ctx context.Context, name cache.ObjectName, want A, live O) (O, error) {
	r := n.requests(name, want, live)
	if !n.adoption.Shared {
		if err := r.inherit(ctx); err != nil {
			return live, err
		}
	}
	return r.applyOver(ctx, true)
}

// requests are those about one object, through the generated client.
func (n *Native[O, A]) requests(name cache.ObjectName, want A, live O) requests[O] {
	client := n.client(name.Namespace)
	return requests[O]{
		manager: xosv1.FieldManager, kind: n.Kind.Kind, name: name.String(),
		get: func(ctx context.Context) (O, error) { return n.Read(ctx, name) }, gone: apierrors.IsNotFound,
		apply: func(ctx context.Context, force bool, dryRun ...string) (O, error) {
			if len(dryRun) == 0 {
				return n.Apply(ctx, name, want, live, force)
			}
			tried, err := client.Apply(ctx, want, metav1.ApplyOptions{FieldManager: xosv1.FieldManager, Force: force, DryRun: dryRun})
			if err != nil {
				return tried, fmt.Errorf("try to apply %s %s: %w", n.Kind.Kind, name, err)
			}
			return tried, nil
		},
		mergePatch: func(ctx context.Context, verb string, data []byte) (O, error) {
			patched, err := client.Patch(ctx, name.Name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
			if err != nil {
				return patched, fmt.Errorf("%s %s %s: %w", verb, n.Kind.Kind, name, err)
			}
			return patched, nil
		},
		observe: func(released O) { n.ObserveWrite(ReconcilerWriter, released) },
	}
}

// ClaimFields turns the record of our create into one of an apply, so that a
// later apply can remove what is not wanted any more. It is sent once in the
// life of an object, before its first change. In the usual case our record is
// the first, and one blind patch does it; otherwise the server is asked.
func (n *Native[O, A]) ClaimFields(ctx context.Context, o O) error {
	client := n.client(o.GetNamespace())
	blind, err := json.Marshal([]map[string]any{
		{"op": "test", "path": "/metadata/uid", "value": o.GetUID()},
		{"op": "test", "path": "/metadata/managedFields/0/manager", "value": xosv1.FieldManager},
		{"op": "test", "path": "/metadata/managedFields/0/operation", "value": metav1.ManagedFieldsOperationUpdate},
		{"op": "replace", "path": "/metadata/managedFields/0/operation", "value": metav1.ManagedFieldsOperationApply},
	})
	if err != nil {
		return fmt.Errorf("encode patch: %w", err)
	}
	_, err = client.Patch(ctx, o.GetName(), types.JSONPatchType, blind, metav1.PatchOptions{FieldManager: xosv1.FieldManager})
	if err == nil {
		return nil
	}
	if !apierrors.IsInvalid(err) {
		return fmt.Errorf("claim the fields of %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), apistatus.Redact(err, nil))
	}
	current, err := n.Read(ctx, cache.MetaObjectToName(o))
	if err != nil {
		return err
	}
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(current, sets.New(xosv1.FieldManager), xosv1.FieldManager)
	if err != nil || patch == nil {
		return err
	}
	if _, err := client.Patch(ctx, o.GetName(), types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: xosv1.FieldManager}); err != nil {
		return fmt.Errorf("claim the fields of %s %s: %w", n.Kind.Kind, cache.MetaObjectToName(o), apistatus.Redact(err, nil))
	}
	return nil
}
