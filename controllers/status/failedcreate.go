package status

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
)

// failedCreate is why the server does not take what a workload tries to make, as the
// newest Event about it says. Events stay for an hour, so one counts only while
// what it tells of can be true: there are fewer pods than wanted, and none was
// made since. A CronJob that is suspended wants no job.
func failedCreate(s *xosv1.Slice, in SliceInput, w observe.Workload) string {
	var newest *corev1.Event
	for _, e := range in.FailedCreate {
		switch {
		case e.InvolvedObject.Kind == xosv1.ControllerKindCronJob: // a job was refused, not a pod
			if !ptr.Deref(s.Spec.Enabled, true) || createdSince(e, in.Jobs) {
				continue
			}
		case w.Current >= w.Desired || createdSince(e, in.Pods):
			continue
		}
		if newest == nil || newest.LastTimestamp.Before(&e.LastTimestamp) {
			newest = e
		}
	}
	if newest == nil {
		return ""
	}
	return observe.FailedCreateReason(newest.Message)
}

// createdSince says whether one of the objects was made after an Event. Times are
// in seconds: what bears the same one may have been made before.
func createdSince[O metav1.Object](e *corev1.Event, objects []O) bool {
	for _, o := range objects {
		if made := o.GetCreationTimestamp(); e.LastTimestamp.Before(&made) {
			return true
		}
	}
	return false
}
