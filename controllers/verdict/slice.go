package verdict

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// SliceInput is what is known of a slice after a pass.
type SliceInput struct {
	// Kind is the workload's kind, and Workload what it shows; nil while it is
	// not there.
	Kind     string
	Workload *Workload
	// Frozen names the fields of the spec that differ from the workload's and
	// can't be changed in it; empty where there are none.
	Frozen string
	// Pods says why a pod of the slice is not ready, if one is not.
	Pods string
}

// Slice judges a slice that has a workload, and fills in its counts.
func Slice(into *xosv1.Slice, in SliceInput) Outcome {
	s := &into.Status
	s.Replicas, s.DesiredReplicas, s.UpdatedReplicas, s.ReadyReplicas, s.Selector = 0, 0, 0, 0, ""
	w := in.Workload
	if w == nil {
		return InProgress("the %s is being made", in.Kind)
	}
	s.Replicas, s.DesiredReplicas, s.UpdatedReplicas, s.ReadyReplicas = w.Current, w.Desired, w.Updated, w.Ready
	if w.Selector != nil {
		s.Selector = metav1.FormatLabelSelector(w.Selector)
	}
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
