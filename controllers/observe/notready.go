package observe

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// NotReadyReason says why a pod is not ready, as far as the pod itself tells: the
// first container that waits for something, those that run beforehand included,
// or that it is not scheduled.
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

// waitsFor is what a waiting container waits for, in the kubelet's words. Of one
// that crashes they differ from try to try and do not say why it did: how it
// ended the last time does.
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

// FirstNotReadyReason is the trouble of the first pod that has any. Pods that have ended,
// or are about to, are in none, nor are those that are not of the revision that is
// wanted, where that is known: theirs may be over with the text that made it.
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
