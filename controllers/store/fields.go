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
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// ApplyOver applies to an object of ours. A field that somebody edited by hand
// is taken back: that is what repairing drift means. A field that another
// applier declares as its own is not fought over: the error names it.
func (n *Native[O, A]) ApplyOver(ctx context.Context, name cache.ObjectName, want A, live O) (O, error) {
	applied, err := n.Apply(ctx, name, want, live, false)
	causes, declared := ownership.Conflicts(err)
	if len(causes) == 0 {
		return applied, err
	}
	if len(declared) > 0 {
		return applied, outcome.Conflicts(n.Kind.Kind, name.String(), declared)
	}
	return n.Apply(ctx, name, want, live, true)
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
