package pull

import (
	"context"
	"slices"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// removeFinalizer takes off the finalizer that an earlier version has left. No record holds
// up its own deletion, nor that of its namespace: the pending events of its pod are kept in
// memory then. It returns false where the instance has ended with the finalizer.
func (r *records) removeFinalizer(ctx context.Context, instance *xosv1.KubernetesServiceInstance) (*xosv1.KubernetesServiceInstance, bool, error) {
	if !slices.Contains(instance.Finalizers, xosv1.DeliveryFinalizer) {
		return instance, true, nil
	}
	rest := slices.DeleteFunc(slices.Clone(instance.Finalizers), func(f string) bool { return f == xosv1.DeliveryFinalizer })
	patched, err := r.instances.Patch(ctx, instance, map[string]any{"metadata": map[string]any{"finalizers": rest}})
	if err != nil {
		return instance, false, ignoreNotFound(err)
	}
	return patched, patched.DeletionTimestamp == nil || len(rest) > 0, nil
}
