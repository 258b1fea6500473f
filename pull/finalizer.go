package pull

import (
	"context"
	"slices"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// release takes our finalizer off.
func (p *Puller) release(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	if !slices.Contains(instance.Finalizers, DeliveryFinalizer) {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(instance.Finalizers), func(f string) bool { return f == DeliveryFinalizer })
	_, err := p.instances.patch(ctx, instance, map[string]any{"metadata": map[string]any{"finalizers": rest}})
	return ignoreNotFound(err)
}

// finalizers are those of a new instance. Without a publisher there is nothing
// to keep it for.
func (p *Puller) finalizers() []string {
	if p.opts.Publisher == nil {
		return nil
	}
	return []string{DeliveryFinalizer}
}

// finalizersOf are the finalizers that an instance shall have, with those of
// others as they are.
func (p *Puller) finalizersOf(instance *xosv1.KubernetesServiceInstance) []string {
	has := slices.Contains(instance.Finalizers, DeliveryFinalizer)
	switch {
	case p.opts.Publisher != nil && !has:
		return append(slices.Clone(instance.Finalizers), DeliveryFinalizer)
	case p.opts.Publisher == nil && has:
		return slices.DeleteFunc(slices.Clone(instance.Finalizers), func(f string) bool { return f == DeliveryFinalizer })
	}
	return instance.Finalizers
}
