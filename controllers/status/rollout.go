package status

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// rollout judges a workload that has not come to what is wanted. The message tells
// what is lacking, never what there is enough of, and what holds it up.
func rollout(in SliceInput, w observe.Workload) outcome.Outcome {
	lacks := lacking(w)
	if w.Paused && w.Updated < w.Current && w.Updated < w.Desired {
		// Only a person ends it, so nobody should wait; the change of the workload wakes us.
		return outcome.Outcome{State: outcome.Stalled, Reason: xosv1.ReasonSuspended, Message: fmt.Sprintf("the %s is paused: %s; to go on: kubectl rollout resume %s -n %s",
			in.Kind, lacks, commandName(in), in.Namespace)}
	}
	if pod := blocking(w, in.Pods); pod != nil {
		return outcome.InProgress("%s: the %s waits for pod %s of the former template, which is not ready: unless it becomes so by itself, it has to be deleted to be replaced: kubectl delete pod %s -n %s",
			lacks, in.Kind, pod.Name, pod.Name, in.Namespace)
	}
	return outcome.InProgress("%s", observe.Sentence(lacks, observe.FirstNotReadyReason(in.Pods, w.UpdateRevision), ""))
}

// commandName names a workload as kubectl takes it.
func commandName(in SliceInput) string {
	name := strings.ToLower(in.Kind)
	if in.Controller != nil {
		name += "/" + in.Controller.Name
	}
	return name
}

// lacking says what a workload does not have yet: pods that are ready, pods of its
// newest template, or the end of those that are too many.
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

// blocking is the pod that keeps a StatefulSet from taking up its newest template: the
// first that is not ready, where it is of a former one. An ordered update does nothing
// before that pod is ready, which it may never become (kubernetes/kubernetes#67250).
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
