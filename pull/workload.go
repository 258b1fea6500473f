package pull

import (
	"context"
	"time"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// sight is what could be read of a controller.
type sight struct {
	workload observe.Workload
	// tells says how much of the workload the controller tells itself; the pods
	// are counted for the rest.
	tells telling
	// handle is the controller's API path; empty where its kind is unknown.
	handle string
	// again is when to look again; zero where that is not needed.
	again time.Duration
}

type telling int

const (
	// tellsNothing: its kind has no scale, or we may not read it.
	tellsNothing telling = iota
	// tellsScale: how many pods it wants and has, and how to select them.
	tellsScale
	// tellsAll: it is of one of Kubernetes' own kinds.
	tellsAll
)

// look reads a controller: one of Kubernetes' own kinds from a cache, any other
// through its scale, with at most one request.
func (n *natives) look(ctx context.Context, of ownership.Mirrored) (sight, error) {
	if controllers, ok := n.controllers[of.Kind.GroupKind()]; ok {
		seen := sight{handle: observe.Handle(controllers.GroupVersion().String(), controllers.plural, of.Name.Namespace, of.Name.Name)}
		if c, ok := controllers.get(of.Name); ok && c.GetUID() == of.UID && isTop(c) {
			seen.workload, seen.tells = controllers.shown(c), tellsAll
		}
		return seen, nil
	}
	resource, served, err := n.resource(of.Kind)
	if err != nil || !served {
		return sight{}, err
	}
	if !resource.Namespaced {
		// Of what is in no namespace a record shows no more than that it records it.
		return sight{handle: observe.Handle(of.Kind.GroupVersion().String(), resource.Resource, "", of.Name.Name)}, nil
	}
	seen := sight{handle: observe.Handle(of.Kind.GroupVersion().String(), resource.Resource, of.Name.Namespace, of.Name.Name)}
	shown, again, err := n.scales.read(ctx, of, resource)
	if err == nil && shown != nil {
		seen.workload, seen.tells, seen.again = *shown, tellsScale, again
	}
	return seen, err
}

// observeSlice writes into a slice's status what its controller shows, and what
// that does not tell as its pods do. The conditions and the number of instances
// are the slice's own controller's.
func observeSlice(into *xosv1.SliceStatus, of ownership.Mirrored, seen sight, instances []*xosv1.KubernetesServiceInstance) {
	var pods, ready int32
	for _, i := range instances {
		if i.DeletionTimestamp != nil {
			continue
		}
		pods++
		if i.Status.Ready {
			ready++
		}
	}
	w := seen.workload
	switch seen.tells {
	case tellsNothing:
		w.Current, w.Ready = pods, ready
	case tellsScale:
		w.Ready = ready
	}
	status.ShowWorkload(into, &xosv1.ControllerReference{
		APIVersion: of.Kind.GroupVersion().String(), Kind: of.Kind.Kind, Name: of.Name.Name, UID: of.UID,
	}, w)
	if seen.tells == tellsNothing {
		into.DesiredReplicas = nil
	}
	into.BackendHandle = seen.handle
}
