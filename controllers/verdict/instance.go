package verdict

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ObservePod writes into an instance's status what its pod shows. The pull uses
// it for the pods that it finds, the controller for those that it made. What
// Kafka acknowledged is not touched.
func ObservePod(status *xosv1.KubernetesServiceInstanceStatus, pod *corev1.Pod) {
	status.BackendHandle = Handle("v1", "pods", pod.Namespace, pod.Name)
	status.PodUID = pod.UID
	status.PodIP = pod.Status.PodIP
	status.PodIPs = ShownAddresses(pod)
	status.Phase = pod.Status.Phase
	status.NodeName = pod.Spec.NodeName
	status.Ready = podReady(pod)
	status.Labels = ShownLabels(pod.Labels)
	status.Containers = containers(pod)
	status.Restarts = 0
	for _, c := range status.Containers {
		status.Restarts += c.Restarts
	}
}

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

// outdated says whether a pod's status is of an older spec, as right after a change
// of its image. Kubelets before Kubernetes 1.34 tell of no generation.
func outdated(pod *corev1.Pod) bool {
	return pod.Status.ObservedGeneration != 0 && pod.Status.ObservedGeneration < pod.Generation
}

// Lost says whether a pod ended for a reason that is not its own: evicted,
// preempted, shut down or lost with its node. Such a pod is made again, whatever
// its restart policy. A pod that is always to be restarted fails for no other.
func Lost(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodFailed {
		return false
	}
	if pod.Spec.RestartPolicy == corev1.RestartPolicyAlways {
		return true
	}
	return pod.Status.Reason == "Evicted" || slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue
	})
}

// sentence joins what is known into one message.
func sentence(what, reason, message string) string {
	for _, part := range []string{reason, message} {
		if part != "" {
			what += ": " + part
		}
	}
	return what
}

// ForgetPod clears what an instance's status shows of a pod that is gone.
func ForgetPod(status *xosv1.KubernetesServiceInstanceStatus) {
	*status = xosv1.KubernetesServiceInstanceStatus{ObjectStatus: status.ObjectStatus, Delivery: status.Delivery}
	status.BackendHandle = ""
}

func podReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// containers lists the pod's containers as its spec orders them.
func containers(pod *corev1.Pod) []xosv1.ContainerStatus {
	shown := pod.Spec.Containers[:min(len(pod.Spec.Containers), maxContainers)]
	list := make([]xosv1.ContainerStatus, 0, len(shown))
	for _, c := range shown {
		status := xosv1.ContainerStatus{Name: c.Name, Image: c.Image}
		i := slices.IndexFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
		if i >= 0 {
			seen := pod.Status.ContainerStatuses[i]
			status.ImageID, status.Ready, status.Restarts, status.State = seen.ImageID, seen.Ready, seen.RestartCount, state(seen.State)
		}
		list = append(list, status)
	}
	return list
}

// state is a container's state in a few words.
func state(s corev1.ContainerState) string {
	word, reason := "", ""
	switch {
	case s.Running != nil:
		word = "Running"
	case s.Terminated != nil:
		word, reason = "Terminated", s.Terminated.Reason
	case s.Waiting != nil:
		word, reason = "Waiting", s.Waiting.Reason
	}
	if reason != "" {
		return word + ": " + reason
	}
	return word
}
