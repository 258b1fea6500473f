package status

import (
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Instance computes the status of a managed instance from its pod, which is nil if there is none.
// terminating reports that the pod is being deleted, which the cached pod may not show yet, and
// held what blocks its deletion.
func Instance(into *xosv1.KubernetesServiceInstance, pod *corev1.Pod, terminating bool, held string) outcome.Outcome {
	if pod == nil {
		observe.ForgetPod(&into.Status)
		return outcome.InProgress("the pod is being created")
	}
	observe.Pod(&into.Status, pod)
	switch {
	case terminating:
		return outcome.InProgress("%s", observe.Sentence("pod "+pod.Namespace+"/"+pod.Name+" is being deleted and will be recreated", held, ""))
	case pod.Status.Phase == corev1.PodSucceeded:
		return outcome.Succeeded("pod %s/%s has completed", pod.Namespace, pod.Name)
	case observe.Lost(pod):
		return outcome.Outcome{State: outcome.Retrying, Reason: xosv1.ReasonProgressing, Message: observe.Sentence("pod "+pod.Namespace+"/"+pod.Name+" was lost and will be recreated", pod.Status.Reason, pod.Status.Message)}
	case pod.Status.Phase == corev1.PodFailed:
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonFailed, Message: observe.Sentence("pod "+pod.Namespace+"/"+pod.Name+" failed", pod.Status.Reason, pod.Status.Message)}
	case observe.Outdated(pod):
		return outcome.InProgress("pod %s/%s takes up its new spec", pod.Namespace, pod.Name)
	case into.Status.Ready:
		return outcome.Succeeded("pod %s/%s is ready", pod.Namespace, pod.Name)
	}
	return outcome.Outcome{State: outcome.Progressing, Reason: xosv1.ReasonProgressing, Message: observe.Sentence("pod "+pod.Namespace+"/"+pod.Name+" is not ready", observe.NotReadyReason(pod), "")}
}

// Disabled is the outcome of an instance whose slice is disabled: it has no pod, as desired.
func Disabled(into *xosv1.KubernetesServiceInstance) outcome.Outcome {
	observe.ForgetPod(&into.Status)
	return outcome.Outcome{State: outcome.Ready, Reason: xosv1.ReasonSuspended, Message: "Slice " + into.Spec.Slice + " is disabled: there is no pod until spec.enabled is true"}
}
