package verdict

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// Workload is what a slice's native controller shows of itself, whatever its
// kind.
type Workload struct {
	// Desired, Current, Updated and Ready count pods.
	Desired, Current, Updated, Ready int32
	// Selector selects the pods, in the notation of "kubectl get -l"; empty
	// where the controller has none.
	Selector string
	// Observed says that the controller has seen its newest spec.
	Observed bool
	// Complete says that nothing more is to come of it.
	Complete bool
	// Failure is the controller's own word for what keeps it back.
	Failure string
	// Failed says that it has given up.
	Failed bool
}

// Deployment reads a workload of that kind.
func Deployment(d *appsv1.Deployment) Workload {
	w := Workload{
		Desired: ptr.Deref(d.Spec.Replicas, 1), Current: d.Status.Replicas, Updated: d.Status.UpdatedReplicas, Ready: d.Status.ReadyReplicas,
		Selector: selector(d.Spec.Selector), Observed: d.Status.ObservedGeneration >= d.Generation,
	}
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue,
			c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse:
			w.Failure = c.Message
		}
	}
	return w
}

// ReplicaSet reads a workload of that kind.
func ReplicaSet(r *appsv1.ReplicaSet) Workload {
	w := Workload{
		Desired: ptr.Deref(r.Spec.Replicas, 1), Current: r.Status.Replicas, Updated: r.Status.Replicas, Ready: r.Status.ReadyReplicas,
		Selector: selector(r.Spec.Selector), Observed: r.Status.ObservedGeneration >= r.Generation,
	}
	for _, c := range r.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			w.Failure = c.Message
		}
	}
	return w
}

// StatefulSet reads a workload of that kind.
func StatefulSet(s *appsv1.StatefulSet) Workload {
	return Workload{
		Desired: ptr.Deref(s.Spec.Replicas, 1), Current: s.Status.Replicas, Updated: s.Status.UpdatedReplicas, Ready: s.Status.ReadyReplicas,
		Selector: selector(s.Spec.Selector), Observed: s.Status.ObservedGeneration >= s.Generation,
	}
}

// DaemonSet reads a workload of that kind.
func DaemonSet(d *appsv1.DaemonSet) Workload {
	return Workload{
		Desired: d.Status.DesiredNumberScheduled, Current: d.Status.CurrentNumberScheduled, Updated: d.Status.UpdatedNumberScheduled, Ready: d.Status.NumberReady,
		Selector: selector(d.Spec.Selector), Observed: d.Status.ObservedGeneration >= d.Generation,
	}
}

// Job reads a workload of that kind.
func Job(j *batchv1.Job) Workload {
	w := Workload{
		Desired: ptr.Deref(j.Spec.Parallelism, 1), Current: j.Status.Active, Updated: j.Status.Active, Ready: ptr.Deref(j.Status.Ready, 0),
		Selector: selector(j.Spec.Selector), Observed: true,
	}
	for _, c := range j.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			w.Complete = true
		case batchv1.JobFailed:
			w.Failed, w.Failure = true, sentence(c.Reason, c.Message, "")
		}
	}
	return w
}

// CronJob reads a workload of that kind: it is ready as soon as it is there, and
// its pods come and go with the schedule.
func CronJob(c *batchv1.CronJob) Workload {
	active := int32(len(c.Status.Active))
	return Workload{Desired: active, Current: active, Updated: active, Ready: active, Observed: true, Complete: true}
}

// selector is the text of a selector; empty where it selects nothing.
func selector(s *metav1.LabelSelector) string {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return selector.String()
}
