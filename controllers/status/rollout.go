package status

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// rollout is the outcome of a workload that is not as desired yet. The message reports what is
// missing, and what blocks it.
func rollout(in SliceInput, w observe.Workload) outcome.Outcome {
	lacks := lacking(w)
	if w.Paused && w.Updated < w.Current && w.Updated < w.Desired {
		// Only a person resumes it, so clients should not wait; the workload's event enqueues the
		// slice.
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonSuspended, Message: fmt.Sprintf("the %s is paused: %s; to go on: kubectl rollout resume %s -n %s",
			in.Kind, lacks, commandName(in), in.Namespace)}
	}
	if pod := blocking(w, in.Pods); pod != nil {
		return outcome.InProgress("%s: the %s waits for pod %s of the former template, which is not ready: unless it becomes so by itself, it has to be deleted to be replaced: kubectl delete pod %s -n %s",
			lacks, in.Kind, pod.Name, pod.Name, in.Namespace)
	}
	return outcome.InProgress("%s", observe.Sentence(lacks, observe.FirstNotReadyReason(in.Pods, w.UpdateRevision), ""))
}

// commandName returns a workload's name for a kubectl command.
func commandName(in SliceInput) string {
	name := strings.ToLower(in.Kind)
	if in.Controller != nil {
		name += "/" + in.Controller.Name
	}
	return name
}

// lacking reports what a workload still lacks: ready pods, pods of its newest template, or the
// deletion of surplus pods.
func lacking(w observe.Workload) string {
	updated := min(w.Updated+w.Outdated, w.Desired)
	switch {
	case w.Ready < w.Desired && updated < w.Desired && w.Current > w.Updated:
		return fmt.Sprintf("%d of %d pods are ready, %d have the new template", w.Ready, w.Desired, w.Updated)
	case w.Ready < w.Desired:
		return fmt.Sprintf("%d of %d pods are ready", w.Ready, w.Desired)
	case updated < w.Desired:
		return fmt.Sprintf("%d of %d pods have the new template", w.Updated, w.Desired)
	}
	return fmt.Sprintf("there are %d pods, and %d have to go", w.Current, w.Current-w.Desired)
}

// blocking returns the pod that blocks the rollout of a StatefulSet: the first pod that is not
// ready, if it is of an old revision. An ordered update waits for that pod, which may never become
// ready (kubernetes/kubernetes#67250).
func blocking(w observe.Workload, pods []*corev1.Pod) *corev1.Pod {
	if w.UpdateRevision == "" {
		return nil
	}
	var first *corev1.Pod
	lowest := 0
	for _, pod := range pods {
		n, numbered := observe.Ordinal(pod)
		if !numbered || observe.PodReady(pod) || (first != nil && n > lowest) {
			continue
		}
		first, lowest = pod, n
	}
	if first == nil || first.DeletionTimestamp != nil || !observe.IsOldRevision(first, w.UpdateRevision) || lowest < int(w.UpdateFrom) {
		return nil
	}
	return first
}
