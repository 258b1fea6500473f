package verdict

import xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"

// SliceInput is what is known of a slice after a pass.
type SliceInput struct {
	// Kind is the workload's kind, and Workload what it shows; nil while it is
	// not there. Controller names it then.
	Kind       string
	Workload   *Workload
	Controller *xosv1.ControllerReference
	// Frozen names the fields of the spec that differ from the workload's and
	// can't be changed in it; empty where there are none.
	Frozen string
	// Pods says why a pod of the slice is not ready, if one is not.
	Pods string
}

// Slice judges a slice that has a workload, and fills in its counts.
func Slice(into *xosv1.Slice, in SliceInput) Outcome {
	w := in.Workload
	if w == nil {
		ShowWorkload(&into.Status, nil, Workload{})
		return InProgress("the %s is being made", in.Kind)
	}
	ShowWorkload(&into.Status, in.Controller, *w)
	switch {
	case in.Frozen != "":
		return Outcome{State: Stalled, Reason: xosv1.ReasonInvalid, Message: in.Frozen +
			" can't be changed in a " + in.Kind + ": take the change back, or set spec.immutableFieldPolicy to Recreate"}
	case w.Failed:
		return Outcome{State: Stalled, Reason: xosv1.ReasonFailed, Message: sentence(in.Kind+" failed", w.Failure, "")}
	case w.Complete:
		return Succeeded("the %s is as specified", in.Kind)
	case !w.Observed:
		return InProgress("the %s takes up its new spec", in.Kind)
	case w.Ready >= w.Desired && w.Updated >= w.Desired && w.Current <= w.Desired:
		return Succeeded("%d of %d pods are ready", w.Ready, w.Desired)
	case w.Failure != "":
		return Outcome{State: Progressing, Reason: xosv1.ReasonFailed, Message: in.Kind + ": " + w.Failure}
	}
	out := InProgress("%d of %d pods are ready", w.Ready, w.Desired)
	out.Message = sentence(out.Message, in.Pods, "")
	return out
}

// SliceWithoutController judges a slice that has no workload.
func SliceWithoutController(into *xosv1.Slice) Outcome {
	ShowWorkload(&into.Status, nil, Workload{})
	into.Status.BackendHandle = ""
	return Succeeded("its instances are managed one by one")
}

// ShowWorkload writes into a slice's status what its native controller is and
// how it is: of one that we keep, and of one that is inventoried, alike.
func ShowWorkload(s *xosv1.SliceStatus, controller *xosv1.ControllerReference, w Workload) {
	s.Controller = controller
	s.Replicas, s.DesiredReplicas, s.UpdatedReplicas, s.ReadyReplicas = w.Current, w.Desired, w.Updated, w.Ready
	s.Selector = w.Selector
}
