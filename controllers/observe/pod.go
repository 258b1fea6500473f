package observe

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Pod writes the observed state of a pod into an instance's status. The pull calls it for
// the pods that it inventories, the controller for those that it created. Fields about published
// events are not changed.
func Pod(status *xosv1.KubernetesServiceInstanceStatus, pod *corev1.Pod) {
	status.BackendHandle = Handle("v1", "pods", pod.Namespace, pod.Name)
	status.PodUID = pod.UID
	status.PodIP = pod.Status.PodIP
	status.PodIPs = ShownAddresses(pod)
	status.Phase = pod.Status.Phase
	status.NodeName = pod.Spec.NodeName
	status.Ready = PodReady(pod)
	status.Labels = ShownLabels(pod.Labels)
	status.Containers = containers(pod)
	status.Restarts = Restarts(pod)
}

// Outdated returns whether a pod's status is of an older spec, as right after a change of its
// image. Kubelets before Kubernetes 1.34 report no generation.
func Outdated(pod *corev1.Pod) bool {
	return pod.Status.ObservedGeneration != 0 && pod.Status.ObservedGeneration < pod.Generation
}

// Lost returns whether a pod failed for an external reason: evicted, preempted, shut down or lost
// with its node. Such a pod is recreated, whatever its restart policy. A pod with restart policy
// Always fails for no other reason.
func Lost(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodFailed {
		return false
	}
	if pod.Spec.RestartPolicy == corev1.RestartPolicyAlways {
		return true
	}
	return pod.Status.Reason == "Evicted" || holds(pod, corev1.DisruptionTarget)
}

// ForgetPod clears the observed state of a deleted pod from an instance's status.
func ForgetPod(status *xosv1.KubernetesServiceInstanceStatus) {
	*status = xosv1.KubernetesServiceInstanceStatus{ObjectStatus: status.ObjectStatus, Delivery: status.Delivery}
	status.BackendHandle = ""
}

// PodReady returns whether a pod's Ready condition is true.
func PodReady(pod *corev1.Pod) bool { return holds(pod, corev1.PodReady) }

// holds returns whether a condition of a pod is true.
func holds(pod *corev1.Pod, condition corev1.PodConditionType) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == condition && c.Status == corev1.ConditionTrue
	})
}

// containers returns the status of the pod's containers in the order of its spec.
func containers(pod *corev1.Pod) []xosv1.ContainerStatus {
	shown := pod.Spec.Containers[:min(len(pod.Spec.Containers), maxContainers)]
	images, list := shownImages(shown), make([]xosv1.ContainerStatus, 0, len(shown))
	for at, c := range shown {
		status := xosv1.ContainerStatus{Name: c.Name, Image: images[at]}
		i := slices.IndexFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
		if i >= 0 {
			seen := pod.Status.ContainerStatuses[i]
			status.ImageID, status.Ready, status.Restarts, status.State = seen.ImageID, seen.Ready, seen.RestartCount, state(seen.State)
		}
		list = append(list, status)
	}
	return list
}

// state returns a container's state in a few words.
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
