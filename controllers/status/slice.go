package status

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// SliceInput is what a pass observed of a slice.
type SliceInput struct {
	// Kind is the workload's kind, and Workload its observed state; nil if it does not exist.
	// Controller names it. Namespace is that of the workload and its pods.
	Kind       string
	Namespace  string
	Workload   *observe.Workload
	Controller *xosv1.ControllerReference
	// Terminating reports that the workload is being deleted, and Held what blocks the deletion.
	Terminating bool
	Held        string
	// ImmutableFields names the immutable fields of the spec that differ from the workload's;
	// empty if there are none.
	ImmutableFields string
	// Wanted identifies the desired configuration of the workload, and AsApplied reports that it
	// was applied. Empty if nothing is applied.
	Wanted    string
	AsApplied bool
	// Pods are the slice's, in any order.
	Pods []*corev1.Pod
	// Jobs are the jobs that a CronJob has created.
	Jobs []*batchv1.Job
	// FailedCreate are the Events about pods and jobs that the workload, or one of its runs, could
	// not create.
	FailedCreate []*corev1.Event
}

// Slice computes the status of a slice that has a workload.
func Slice(into *xosv1.Slice, in SliceInput) outcome.Outcome {
	done, isDone := finished(into, in)
	if in.Workload == nil {
		ShowWorkload(&into.Status, nil, observe.Workload{})
		if isDone {
			return done
		}
		return outcome.InProgress("the %s is being created", in.Kind)
	}
	w := in.Workload.WithRuns(in.Jobs)
	ShowWorkload(&into.Status, in.Controller, w)
	if w.Failure == "" {
		w.Failure = failedCreate(into, in, w)
	}
	trouble := observe.FirstNotReadyReason(in.Pods, w.UpdateRevision)
	switch most := into.Spec.MaxInstances; {
	case isDone:
		return done
	case in.Terminating:
		return outcome.InProgress("%s", observe.Sentence("the "+in.Kind+" is being deleted", in.Held, ""))
	case in.ImmutableFields != "":
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid, Message: in.ImmutableFields +
			" can't be changed in a " + in.Kind + ": take the change back, or set spec.immutableFieldPolicy to Recreate"}
	case w.Failed:
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonFailed, Message: observe.Sentence(in.Kind+" failed", w.Failure, "")}
	case most != nil && w.Desired > *most:
		return tooMany(in.Kind, w.Desired, *most)
	case w.Complete && w.Failure == "" && trouble == "":
		return outcome.Succeeded("the %s is as specified", in.Kind)
	case !w.Observed:
		return outcome.InProgress("the %s takes up its new spec", in.Kind)
	case w.Failure != "" && (w.Complete || !settled(w)):
		return outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonFailed, Message: observe.Sentence(in.Kind, w.Failure, trouble)}
	case settled(w):
		return outcome.Succeeded("%d of %d pods are ready", w.Ready, w.Desired)
	}
	return rollout(in, w)
}

// ShowWorkload writes the observed state of a native controller into a slice's status, for owned
// and inventoried ones alike. A desired number of 0 pods is written too, since an absent one means
// that it is unknown.
func ShowWorkload(s *xosv1.SliceStatus, controller *xosv1.ControllerReference, w observe.Workload) {
	s.Controller = controller
	s.Replicas, s.UpdatedReplicas, s.ReadyReplicas = w.Current, w.Updated, w.Ready
	s.DesiredReplicas = nil
	if controller != nil {
		s.DesiredReplicas = ptr.To(w.Desired)
	}
	s.Selector = w.Selector
}

// settled returns whether there are as many pods as desired, all ready and, but for those that may
// be outdated, of the newest template.
func settled(w observe.Workload) bool {
	return w.Ready >= w.Desired && w.Updated+w.Outdated >= w.Desired && w.Current <= w.Desired
}

func tooMany(kind string, wanted, most int32) outcome.Outcome {
	out := outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid}
	out.Message = fmt.Sprintf("the %s is to have %d pods, more than spec.maxInstances, %d: lower the number where it was set, or raise the limit", kind, wanted, most)
	return out
}

// SliceWithout computes the status of a slice without a workload: an XOS service creates its
// instances, whose number is given.
func SliceWithout(into *xosv1.Slice, instances int32) outcome.Outcome {
	ShowWorkload(&into.Status, nil, observe.Workload{})
	into.Status.BackendHandle, into.Status.FinishedJob = "", nil
	if most := into.Spec.MaxInstances; most != nil && instances > *most {
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid, Message: fmt.Sprintf(
			"there are %d instances, more than spec.maxInstances, %d: the newest have no pods; delete some, or raise the limit", instances, *most)}
	}
	return outcome.Succeeded("its instances are managed one by one")
}
