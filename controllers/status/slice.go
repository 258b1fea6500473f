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

// SliceInput is what is known of a slice after a pass.
type SliceInput struct {
	// Kind is the workload's kind, and Workload what it shows; nil while it is
	// not there. Controller names it then.
	// Namespace is that of the workload and its pods.
	Kind       string
	Namespace  string
	Workload   *observe.Workload
	Controller *xosv1.ControllerReference
	// Terminating says that the workload is on its way out, and Held what holds
	// that up.
	Terminating bool
	Held        string
	// ImmutableFields names the fields of the spec that differ from the workload's and
	// can't be changed in it; empty where there are none.
	ImmutableFields string
	// Wanted identifies what is asked of the workload, and AsApplied says that this is
	// what the workload was brought to. Empty where nothing is to be brought about.
	Wanted    string
	AsApplied bool
	// Pods are the slice's, in any order.
	Pods []*corev1.Pod
	// Jobs are the jobs that a CronJob has started.
	Jobs []*batchv1.Job
	// FailedCreate are the Events about pods and jobs that the workload, or one of
	// its runs, could not make.
	FailedCreate []*corev1.Event
}

// Slice judges a slice that has a workload, and fills in its counts.
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

// ShowWorkload writes into a slice's status what its native controller is and
// how it is: of one that we keep, and of one that is inventoried, alike. The number
// of pods that a controller wants is written although it is 0, since an absent one
// says that the number is not known.
func ShowWorkload(s *xosv1.SliceStatus, controller *xosv1.ControllerReference, w observe.Workload) {
	s.Controller = controller
	s.Replicas, s.UpdatedReplicas, s.ReadyReplicas = w.Current, w.Updated, w.Ready
	s.DesiredReplicas = nil
	if controller != nil {
		s.DesiredReplicas = ptr.To(w.Desired)
	}
	s.Selector = w.Selector
}

// settled says whether there are as many pods as wanted, all ready and, but for
// those that may stay, of the newest template.
func settled(w observe.Workload) bool {
	return w.Ready >= w.Desired && w.Updated+w.Outdated >= w.Desired && w.Current <= w.Desired
}

func tooMany(kind string, wanted, most int32) outcome.Outcome {
	out := outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid}
	out.Message = fmt.Sprintf("the %s is to have %d pods, more than spec.maxInstances, %d: lower the number where it was set, or raise the limit", kind, wanted, most)
	return out
}

// SliceWithout judges a slice that has no workload: an XOS service makes its
// instances, of which there are so many.
func SliceWithout(into *xosv1.Slice, instances int32) outcome.Outcome {
	ShowWorkload(&into.Status, nil, observe.Workload{})
	into.Status.BackendHandle, into.Status.FinishedJob = "", nil
	if most := into.Spec.MaxInstances; most != nil && instances > *most {
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonInvalid, Message: fmt.Sprintf(
			"there are %d instances, more than spec.maxInstances, %d: the newest have no pods; delete some, or raise the limit", instances, *most)}
	}
	return outcome.Succeeded("its instances are managed one by one")
}
