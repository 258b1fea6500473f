package observe

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// NotReadyReason returns why a pod is not ready, as far as its status reports it: the first
// container that is waiting, init containers included, or that it is not scheduled.
func NotReadyReason(pod *corev1.Pod) string {
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if w := c.State.Waiting; w != nil && w.Reason != "" && w.Reason != "ContainerCreating" && w.Reason != "PodInitializing" {
			return Sentence("container "+c.Name, w.Reason, waitsFor(c))
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return Sentence(c.Reason, Brief(c.Message), "")
		}
	}
	return ""
}

// waitsFor returns what a waiting container waits for, in the kubelet's words. Those of a crashing
// one differ between attempts and do not name the cause: its last termination does.
func waitsFor(c corev1.ContainerStatus) string {
	last := c.LastTerminationState.Terminated
	switch {
	case c.State.Waiting.Reason != "CrashLoopBackOff":
		return Brief(c.State.Waiting.Message)
	case last == nil:
		return ""
	case last.Reason == "" || last.Reason == "Error":
		return fmt.Sprintf("exit code %d", last.ExitCode)
	}
	return fmt.Sprintf("exit code %d, %s", last.ExitCode, last.Reason)
}

// FirstNotReadyReason returns the reason of the first pod that is not ready. Pods that have
// finished or are being deleted are skipped, and so are those of another revision than the desired
// one, if that is known: their failure may be fixed by the new template.
func FirstNotReadyReason(pods []*corev1.Pod, revision string) string {
	for _, pod := range pods {
		if IsOldRevision(pod, revision) || pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		if trouble := NotReadyReason(pod); trouble != "" {
			return trouble
		}
	}
	return ""
}
