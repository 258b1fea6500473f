package verdict

import (
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Instance judges a managed instance by its pod, which is nil while there is
// none, and fills in its status. terminating says that the pod is on its way out,
// which it may not show yet, and held what holds that up.
func Instance(into *xosv1.KubernetesServiceInstance, pod *corev1.Pod, terminating bool, held string) Outcome {
	if pod == nil {
		ForgetPod(&into.Status)
		return InProgress("the pod is being made")
	}
	ObservePod(&into.Status, pod)
	switch {
	case terminating:
		return InProgress("%s", sentence("pod "+pod.Namespace+"/"+pod.Name+" is ending and will be made again", held, ""))
	case pod.Status.Phase == corev1.PodSucceeded:
		return Succeeded("pod %s/%s has completed", pod.Namespace, pod.Name)
	case Lost(pod):
		return Outcome{State: Retrying, Reason: xosv1.ReasonProgressing, Message: sentence("pod "+pod.Namespace+"/"+pod.Name+" was lost and will be made again", pod.Status.Reason, pod.Status.Message)}
	case pod.Status.Phase == corev1.PodFailed:
		return Outcome{State: Stalled, Reason: xosv1.ReasonFailed, Message: sentence("pod "+pod.Namespace+"/"+pod.Name+" failed", pod.Status.Reason, pod.Status.Message)}
	case outdated(pod):
		return InProgress("pod %s/%s takes up its new spec", pod.Namespace, pod.Name)
	case into.Status.Ready:
		return Succeeded("pod %s/%s is ready", pod.Namespace, pod.Name)
	}
	return Outcome{State: Progressing, Reason: xosv1.ReasonProgressing, Message: sentence("pod "+pod.Namespace+"/"+pod.Name+" is not ready", Trouble(pod), "")}
}

// Disabled is the verdict on an instance whose slice is disabled: it has no pod,
// and that is as it should be.
func Disabled(into *xosv1.KubernetesServiceInstance) Outcome {
	ForgetPod(&into.Status)
	return Outcome{State: Ready, Reason: xosv1.ReasonSuspended, Message: "Slice " + into.Spec.Slice + " is disabled: there is no pod until spec.enabled is true"}
}
