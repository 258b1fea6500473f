package observe

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Restarts returns how often the containers of a pod were started again, as kubectl counts it:
// those of the containers and of the sidecars among the init containers and, while the pod
// initializes, those of the init containers up to the one that runs.
func Restarts(pod *corev1.Pod) int32 {
	all, sidecars, initializing := initRestarts(pod)
	if initializing && !holds(pod, corev1.PodInitialized) {
		return all
	}
	sum := sidecars
	for _, c := range pod.Status.ContainerStatuses {
		sum += c.RestartCount
	}
	return sum
}

// initRestarts returns the restarts of the init containers up to the one that runs, those of the
// sidecars among them, and whether there is one that has to end before the pod goes on.
func initRestarts(pod *corev1.Pod) (all, sidecars int32, initializing bool) {
	for _, c := range pod.Status.InitContainerStatuses {
		all += c.RestartCount
		sidecar := slices.ContainsFunc(pod.Spec.InitContainers, func(i corev1.Container) bool {
			return i.Name == c.Name && i.RestartPolicy != nil && *i.RestartPolicy == corev1.ContainerRestartPolicyAlways
		})
		if sidecar {
			sidecars += c.RestartCount
		}
		succeeded := c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
		serves := sidecar && c.Started != nil && *c.Started
		if !succeeded && !serves {
			return all, sidecars, true
		}
	}
	return all, sidecars, false
}
