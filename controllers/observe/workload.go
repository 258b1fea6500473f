package observe

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Workload is the observed state of a slice's native controller of any kind.
type Workload struct {
	// Desired, Current, Updated and Ready count pods.
	Desired, Current, Updated, Ready int32
	// Outdated is the number of pods that may remain of an older template according to the
	// controller's update strategy.
	Outdated int32
	// Selector selects the pods, in the notation of "kubectl get -l"; empty if the controller has
	// none.
	Selector string
	// Observed reports that the controller has observed its newest spec.
	Observed bool
	// Complete reports that the workload has finished.
	Complete bool
	// Failure is the controller's own message about what blocks it.
	Failure string
	// Failed reports that the workload has failed for good.
	Failed bool
	// Expires reports that the cluster deletes the workload once it has finished.
	Expires bool
	// Mounted is the template's annotation that identifies the mounted contents.
	Mounted string
	// Paused reports that the rollout is paused.
	Paused bool
	// UpdateRevision is, for a StatefulSet with an ordered update, the revision of its newest
	// template, and UpdateFrom the ordinal of the first pod that is to have it.
	UpdateRevision string
	UpdateFrom     int32
}

// Deployment observes a Deployment.
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
			return w // it is more specific than the lack of progress
		case c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse:
			w.Failure = Brief(c.Message)
		}
	}
	return w
}

// ReplicaSet observes a ReplicaSet.
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

// StatefulSet observes a StatefulSet.
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
			w.UpdateFrom = 0 // a deleted pod is recreated with the newest template
		}
	}
	return w
}

// DaemonSet observes a DaemonSet.
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

// selector returns the text of a selector; empty if it selects nothing.
func selector(s *metav1.LabelSelector) string {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return selector.String()
}
