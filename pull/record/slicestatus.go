package record

import (
	"time"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// ControllerStatus is what could be read of a controller.
type ControllerStatus struct {
	Workload observe.Workload
	// Source is how much of the workload the controller itself reports; the pods
	// are counted for the rest.
	Source Source
	// Handle is the controller's API path; empty where its kind is unknown.
	Handle string
	// RecheckAfter is when to read it again; zero where that is not needed.
	RecheckAfter time.Duration
}

// Source is where a slice has its numbers of pods from.
type Source int

const (
	// FromPods: its kind has no scale, or we may not read it.
	FromPods Source = iota
	// FromScale: how many pods it wants and has, and how to select them.
	FromScale
	// FromController: it is of one of Kubernetes' own kinds.
	FromController
)

// ShowController writes into a slice's status what its controller shows, and what
// that does not report from its pods. The conditions and the number of instances
// are the slice's own controller's.
func ShowController(into *xosv1.SliceStatus, of ownership.Mirrored, seen ControllerStatus, instances []*xosv1.KubernetesServiceInstance) {
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
	w := seen.Workload
	switch seen.Source {
	case FromPods:
		w.Current, w.Ready = pods, ready
	case FromScale:
		w.Ready = ready
	}
	status.ShowWorkload(into, &xosv1.ControllerReference{
		APIVersion: of.Kind.GroupVersion().String(), Kind: of.Kind.Kind, Name: of.Name.Name, UID: of.UID,
	}, w)
	if seen.Source == FromPods {
		into.DesiredReplicas = nil
	}
	into.BackendHandle = seen.Handle
}
