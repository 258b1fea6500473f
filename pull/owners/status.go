package owners

import (
	"context"

	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Status reads a controller: one of Kubernetes' own kinds from a cache, any other
// through its scale, with at most one request.
func (n *Resolver) Status(ctx context.Context, of ownership.Mirrored) (record.ControllerStatus, error) {
	if controllers, ok := n.Controllers[of.Kind.GroupKind()]; ok {
		seen := record.ControllerStatus{Handle: observe.Handle(controllers.GroupVersion().String(), controllers.plural, of.Name.Namespace, of.Name.Name)}
		if c, ok := controllers.Get(of.Name); ok && c.GetUID() == of.UID && IsRoot(c) {
			seen.Workload, seen.Source = controllers.Workload(c), record.FromController
		}
		return seen, nil
	}
	resource, served, err := n.resource(of.Kind)
	if err != nil || !served {
		return record.ControllerStatus{}, err
	}
	if !resource.Namespaced {
		// Of what is in no namespace a record shows no more than that it records it.
		return record.ControllerStatus{Handle: observe.Handle(of.Kind.GroupVersion().String(), resource.Resource, "", of.Name.Name)}, nil
	}
	seen := record.ControllerStatus{Handle: observe.Handle(of.Kind.GroupVersion().String(), resource.Resource, of.Name.Namespace, of.Name.Name)}
	shown, again, err := n.scales.read(ctx, of, resource)
	if err == nil && shown != nil {
		seen.Workload, seen.Source, seen.RecheckAfter = *shown, record.FromScale, again
	}
	return seen, err
}
