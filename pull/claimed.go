package pull

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// yield gives a record whose native object is gone to those who have written to it,
// instead of deleting it. Who has applied a manifest to it gets what the manifest
// says, as if no record had stood in its place: what of the spec is ours alone goes,
// xosManaged included, unless the manifest itself says that the object is a record.
// Who has only changed something keeps a record of nothing. Reading the object is
// rare: the caches tell which records others have written to.
func yield[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], object T) error {
	live, err := w.Read(ctx, cache.MetaObjectToName(object))
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("get %s %s: %w", w.Kind.Kind, cache.MetaObjectToName(object), err)
	}
	if live.GetUID() != object.GetUID() || !record.IsPulled(live) || live.GetDeletionTimestamp() != nil {
		return nil // the watch wakes us
	}
	claim := record.ClaimOn(live)
	log := klog.FromContext(ctx).WithValues("kind", w.Kind.Kind, "object", klog.KObj(live))
	if claim.Applied && claim.Managed {
		err := applyClaim(ctx, w, live, claim)
		if err == nil {
			log.Info("A record is managed from now on: a manifest was applied over it, and what it recorded is gone")
		}
		if !apierrors.IsInvalid(err) {
			return err
		}
		log.Info("What was applied over a record can't be managed: it stays a record", "reason", err.Error())
	}
	_, err = w.Patch(ctx, live, map[string]any{"metadata": withoutTracking()})
	return err
}

// applyClaim makes an object what was applied over it. It takes back all but the last
// field of ours first: some may not change while the object is managed. A crash
// between the two leaves a record that is yielded again.
func applyClaim[T store.CustomObject](ctx context.Context, w store.CustomWriter[T], live T, c record.Claim) error {
	spec := map[string]any{}
	for _, field := range c.Fields {
		if field != record.ManagedField {
			spec[field] = nil
		}
	}
	if len(spec) > 0 {
		var err error
		if live, err = w.Patch(ctx, live, map[string]any{"spec": spec}); err != nil {
			return err
		}
	}
	_, err := w.Patch(ctx, live, map[string]any{"metadata": withoutTracking(), "spec": map[string]any{record.ManagedField: nil}})
	return err
}

// withoutTracking is the change of metadata by which an object is no longer the pull's.
func withoutTracking() map[string]any {
	return map[string]any{
		"labels":      map[string]any{xosv1.PulledLabel: nil},
		"annotations": map[string]any{xosv1.MirrorsAnnotation: nil},
	}
}
