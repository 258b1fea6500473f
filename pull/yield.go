package pull

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// yield gives a record whose native object is gone to those who have written to it,
// instead of deleting it. Who has applied a manifest to it gets what the manifest
// says, as if no record had stood in its place: what of the spec is ours alone goes,
// xosManaged included, unless the manifest itself says that the object is a record.
// Who has only changed something keeps a record of nothing. Reading the object is
// rare: the caches tell which records others have written to.
func yield[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], record T) error {
	live, err := w.Read(ctx, cache.MetaObjectToName(record))
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("get %s %s: %w", w.Kind.Kind, cache.MetaObjectToName(record), err)
	}
	if live.GetUID() != record.GetUID() || !isPulled(live) || live.GetDeletionTimestamp() != nil {
		return nil // the watch wakes us
	}
	claim := claimOn(live)
	log := klog.FromContext(ctx).WithValues("kind", w.Kind.Kind, "object", klog.KObj(live))
	if claim.applied && claim.managed {
		err := fulfil(ctx, w, live, claim)
		if err == nil {
			log.Info("A record is managed from now on: a manifest was applied over it, and what it recorded is gone")
		}
		if !apierrors.IsInvalid(err) {
			return err
		}
		log.Info("What was applied over a record can't be managed: it stays a record", "reason", err.Error())
	}
	_, err = w.Patch(ctx, live, map[string]any{"metadata": unmarked()})
	return err
}

// claim is what other field managers have done to a record.
type claim struct {
	// applied says that a manifest was applied, by the server or by kubectl.
	applied bool
	// managed says that no one but us has said that it is a record.
	managed bool
	// ours are the fields of the spec that nobody else has set and that may change.
	ours []string
}

// fieldSet is what an entry of the managed fields names.
type fieldSet struct {
	Metadata struct {
		Annotations map[string]json.RawMessage `json:"f:annotations"`
	} `json:"f:metadata"`
	Spec map[string]json.RawMessage `json:"f:spec"`
}

// fixedFields can't be changed once they are set, and mean in a record what leaving
// them out means.
var fixedFields = []string{"owner", "namespace", "trustDomain"}

// claimOn reads what others have done to a record off its managed fields and off the
// manifest that kubectl keeps in an annotation.
func claimOn(o metav1.Object) claim {
	own, others := map[string]bool{}, map[string]bool{}
	c := claim{}
	for _, entry := range o.GetManagedFields() {
		var f fieldSet
		if entry.Subresource != "" || entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &f) != nil {
			continue
		}
		set := others
		if entry.Manager == xosv1.FieldManager {
			set = own
		} else {
			_, byKubectl := f.Metadata.Annotations["f:"+corev1.LastAppliedConfigAnnotation]
			c.applied = c.applied || byKubectl || entry.Operation == metav1.ManagedFieldsOperationApply
		}
		for field := range f.Spec {
			if len(field) > len("f:") {
				set[field[len("f:"):]] = true
			}
		}
	}
	var manifest struct {
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if applied := o.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; applied != "" && json.Unmarshal([]byte(applied), &manifest) == nil {
		for field := range manifest.Spec {
			others[field] = true
		}
	}
	c.managed = own[managedField] && !others[managedField]
	for _, field := range slices.Sorted(maps.Keys(own)) {
		if !others[field] && !slices.Contains(fixedFields, field) {
			c.ours = append(c.ours, field)
		}
	}
	return c
}

const managedField = "xosManaged"

// fulfil makes an object what was applied over it. It takes back all but the last
// field of ours first: some may not change while the object is managed. A crash
// between the two leaves a record that is yielded again.
func fulfil[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], live T, c claim) error {
	spec := map[string]any{}
	for _, field := range c.ours {
		if field != managedField {
			spec[field] = nil
		}
	}
	if len(spec) > 0 {
		var err error
		if live, err = w.Patch(ctx, live, map[string]any{"spec": spec}); err != nil {
			return err
		}
	}
	_, err := w.Patch(ctx, live, map[string]any{"metadata": unmarked(), "spec": map[string]any{managedField: nil}})
	return err
}

// unmarked is the change of metadata by which an object is no longer the pull's.
func unmarked() map[string]any {
	return map[string]any{
		"labels":      map[string]any{xosv1.PulledLabel: nil},
		"annotations": map[string]any{xosv1.MirrorsAnnotation: nil},
	}
}
