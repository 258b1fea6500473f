package status

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// finished notes the Job that has ended and is deleted by the cluster, and returns
// what it came to. Without that field in it, a Job that goes was deleted by somebody.
func finished(into *xosv1.Slice, in SliceInput) (outcome.Outcome, bool) {
	if w := in.Workload; w != nil && in.Wanted != "" {
		into.Status.FinishedJob = nil
		if w.Expires && in.AsApplied && (w.Complete || w.Failed) {
			into.Status.FinishedJob = &xosv1.FinishedJob{Applied: in.Wanted, Failure: observe.Brief(w.Failure)}
		}
	}
	done := into.Status.FinishedJob
	switch {
	case done == nil, in.Workload != nil && !in.Terminating, in.Wanted != "" && done.Applied != in.Wanted:
		return outcome.Outcome{}, false
	case done.Failure != "":
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonFailed,
			Message: observe.Sentence("the Job failed, and was deleted as its ttlSecondsAfterFinished says; to have it recreated, change the slice", done.Failure, "")}, true
	}
	return outcome.Succeeded("the Job has completed, and was deleted as its ttlSecondsAfterFinished says"), true
}
