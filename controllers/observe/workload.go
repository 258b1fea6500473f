package observe

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Workload is what a slice's native controller shows of itself, whatever its
// kind.
type Workload struct {
	// Desired, Current, Updated and Ready count pods.
	Desired, Current, Updated, Ready int32
	// Outdated is how many pods may stay of an older template, as the
	// controller's own update strategy has it.
	Outdated int32
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
	// Expires says that the cluster deletes it once it has ended.
	Expires bool
	// Mounted is the template's mark of what is mounted into its pods.
	Mounted string
	// Paused says that somebody has it not take up its newest template.
	Paused bool
	// UpdateRevision is, of a StatefulSet that takes up its newest template in the
	// order of its pods, that template's revision, and UpdateFrom the number of the
	// first pod that is to have it.
	UpdateRevision string
	UpdateFrom     int32
}

// Deployment reads a workload of that kind.
func Deployment(d *appsv1.Deployment) Workload {
	w := Workload{
		Desired: ptr.Deref(d.Spec.Replicas, 1), Current: d.Status.Replicas, Updated: d.Status.UpdatedReplicas, Ready: d.Status.ReadyReplicas,
		Selector: selector(d.Spec.Selector), Observed: d.Status.ObservedGeneration >= d.Generation,
		Paused: d.Spec.Paused, Mounted: d.Spec.Template.Annotations[xosv1.RevisionAnnotation],
	}
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue:
			w.Failure = FailedCreateReason(c.Message)
			return w // it says more than that there is no progress
		case c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse:
			w.Failure = Brief(c.Message)
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
			w.Failure = FailedCreateReason(c.Message)
		}
	}
	return w
}

// StatefulSet reads a workload of that kind.
func StatefulSet(s *appsv1.StatefulSet) Workload {
	w := Workload{
		Desired: ptr.Deref(s.Spec.Replicas, 1), Current: s.Status.Replicas, Updated: s.Status.UpdatedReplicas, Ready: s.Status.ReadyReplicas,
		Selector: selector(s.Spec.Selector), Observed: s.Status.ObservedGeneration >= s.Generation,
		Mounted: s.Spec.Template.Annotations[xosv1.RevisionAnnotation],
	}
	switch strategy := s.Spec.UpdateStrategy; {
	case strategy.Type == appsv1.OnDeleteStatefulSetStrategyType:
		w.Outdated = w.Desired
	case strategy.RollingUpdate != nil:
		w.Outdated = min(ptr.Deref(strategy.RollingUpdate.Partition, 0), w.Desired)
	}
	if s.Spec.PodManagementPolicy != appsv1.ParallelPodManagement {
		w.UpdateRevision, w.UpdateFrom = s.Status.UpdateRevision, w.Outdated
		if s.Spec.Ordinals != nil {
			w.UpdateFrom += s.Spec.Ordinals.Start
		}
		if s.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
			w.UpdateFrom = 0 // a pod that is deleted comes back with the newest template
		}
	}
	return w
}

// DaemonSet reads a workload of that kind.
func DaemonSet(d *appsv1.DaemonSet) Workload {
	w := Workload{
		Desired: d.Status.DesiredNumberScheduled, Current: d.Status.CurrentNumberScheduled, Updated: d.Status.UpdatedNumberScheduled, Ready: d.Status.NumberReady,
		Selector: selector(d.Spec.Selector), Observed: d.Status.ObservedGeneration >= d.Generation,
		Mounted: d.Spec.Template.Annotations[xosv1.RevisionAnnotation],
	}
	if d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		w.Outdated = w.Desired
	}
	return w
}

// selector is the text of a selector; empty where it selects nothing.
func selector(s *metav1.LabelSelector) string {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return selector.String()
}
