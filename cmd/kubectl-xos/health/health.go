// Package health says in one word and one sentence how an object is: an object of our kinds as
// its conditions say, by the rules that Flux, Helm and "kubectl wait" know, and a pod. Its
// functions are pure.
package health

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
)

// Level is how an object is.
type Level string

// The levels. Only Ready and Suspended are well.
const (
	Ready       Level = "Ready"
	Suspended   Level = "Suspended"
	Progressing Level = "Progressing"
	Terminating Level = "Terminating"
	Failed      Level = "Failed"
	// Missing is what another object names, and that does not exist.
	Missing Level = "Missing"
	// Unknown is what was not read, or has no status yet.
	Unknown Level = "Unknown"
)

// Health is a level and its reason.
type Health struct {
	Level Level `json:"health"`
	// Reason is that of the condition, where there is one.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// Well returns whether nothing is to be done or waited for.
func (h Health) Well() bool { return h.Level == Ready || h.Level == Suspended }

// Of returns the health of an object of our kinds. That of a record is the health of what it
// records: its own condition says no more than that it was recorded.
func Of(o xosv1.Object) Health {
	status := o.GetObjectStatus()
	condition := meta.FindStatusCondition(status.Conditions, xosv1.ConditionReady)
	is := func(condition string) bool { return meta.IsStatusConditionTrue(status.Conditions, condition) }
	h := Health{}
	if condition != nil {
		h.Reason, h.Message = condition.Reason, condition.Message
	}
	switch {
	case o.GetDeletionTimestamp() != nil:
		h.Level = Terminating
	case status.Undecodable != "":
		h = Health{Failed, xosv1.ReasonInvalid, "it can't be decoded: " + status.Undecodable}
	case condition == nil && is(xosv1.ConditionSuspended):
		suspended := meta.FindStatusCondition(status.Conditions, xosv1.ConditionSuspended)
		h = Health{Suspended, suspended.Reason, suspended.Message}
	case status.ObservedGeneration != o.GetGeneration() && condition == nil:
		h = Health{Unknown, "", "not reconciled yet: no manager has seen it"}
	case status.ObservedGeneration != o.GetGeneration():
		h = Health{Progressing, "", "its last change is not reconciled yet"}
	case condition != nil && condition.Reason == xosv1.ReasonInventoried && condition.Status == metav1.ConditionTrue:
		return ofRecord(o, h)
	case is(xosv1.ConditionStalled):
		h.Level = Failed
	case condition == nil:
		h = Health{Unknown, "", "it has no condition Ready"}
	case condition.Status != metav1.ConditionTrue:
		h.Level = Progressing
	case is(xosv1.ConditionSuspended) || condition.Reason == xosv1.ReasonSuspended:
		h.Level = Suspended
	default:
		h.Level = Ready
	}
	return h
}

func ofRecord(o xosv1.Object, recorded Health) Health {
	recorded.Level = Ready
	switch o := o.(type) {
	case *xosv1.KubernetesServiceInstance:
		return ofStatus(&o.Status, recorded)
	case *xosv1.Slice:
		if wanted := o.Status.DesiredReplicas; wanted != nil && o.Status.ReadyReplicas < *wanted {
			return Health{Progressing, recorded.Reason, fmt.Sprintf("%d of %d pods are ready", o.Status.ReadyReplicas, *wanted)}
		}
	case *xosv1.KubernetesNode:
		if !o.Status.Ready {
			return Health{Failed, recorded.Reason, "the node is not ready"}
		}
	}
	return recorded
}

// OfInstance returns the health of the pod of an instance, as the instance's status shows it.
func OfInstance(i *xosv1.KubernetesServiceInstance) Health {
	return ofStatus(&i.Status, Health{Level: Ready})
}

func ofStatus(s *xosv1.KubernetesServiceInstanceStatus, recorded Health) Health {
	switch {
	case s.Phase == corev1.PodSucceeded, s.Phase == corev1.PodRunning && s.Ready:
		return recorded
	case s.Phase == corev1.PodFailed:
		return Health{Failed, recorded.Reason, "the pod has failed"}
	}
	for _, c := range s.Containers {
		if !c.Ready && waitsInVain(c.State) {
			return Health{Failed, recorded.Reason, "container " + c.Name + ": " + c.State}
		}
	}
	return Health{Progressing, recorded.Reason, "the pod is not ready"}
}

// waitsInVain returns whether a container's state names a reason other than that it begins.
func waitsInVain(state string) bool {
	switch state {
	case "", "Running", "Waiting", "Waiting: ContainerCreating", "Waiting: PodInitializing":
		return false
	}
	return true
}

// OfPod returns the health of a pod.
func OfPod(pod *corev1.Pod) Health {
	reason := observe.NotReadyReason(pod)
	switch {
	case pod.DeletionTimestamp != nil:
		return Health{Level: Terminating}
	case pod.Status.Phase == corev1.PodSucceeded:
		return Health{Ready, "", "it has completed"}
	case pod.Status.Phase == corev1.PodFailed:
		return Health{Failed, pod.Status.Reason, observe.Sentence("it has failed", pod.Status.Reason, observe.Brief(pod.Status.Message))}
	case observe.PodReady(pod):
		return Health{Level: Ready}
	case reason != "":
		return Health{Failed, "", reason}
	}
	return Health{Progressing, "", "it is not ready"}
}
