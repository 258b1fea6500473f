package observe

import (
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// IsForeignPod returns whether a pod is neither an instance's nor a slice's: of such a pod only
// what records and events show is cached.
func IsForeignPod(pod *corev1.Pod) bool {
	return pod.Annotations[xosv1.OwnerAnnotation] == "" && pod.Labels[xosv1.ControllerKindLabel] == ""
}

// ReducePod removes from a pod that another client manages all that is not read: what its record,
// its events and the rules for its adoption do not depend on. Times and IDs of containers are
// removed too, so that what remains of the pods of one template is mostly the same. Of the
// annotations those of XOS remain, which adoption depends on, and the one that names a Helm release.
func ReducePod(pod *corev1.Pod) {
	pod.ManagedFields = nil
	pod.Annotations = maps.Clone(pod.Annotations)
	maps.DeleteFunc(pod.Annotations, func(key, _ string) bool {
		return !strings.HasPrefix(key, xosv1.GroupName+"/") && key != ownership.HelmReleaseAnnotation
	})
	if len(pod.Annotations) == 0 {
		pod.Annotations = nil
	}
	spec, status := &pod.Spec, &pod.Status
	pod.Spec = corev1.PodSpec{
		Containers: images(spec.Containers), InitContainers: images(spec.InitContainers), EphemeralContainers: ephemeralImages(spec.EphemeralContainers),
		RestartPolicy: spec.RestartPolicy, ServiceAccountName: spec.ServiceAccountName, NodeName: spec.NodeName,
	}
	pod.Status = corev1.PodStatus{
		Phase: status.Phase, Reason: status.Reason, PodIP: status.PodIP, PodIPs: status.PodIPs,
		Conditions: keptConditions(status.Conditions), ContainerStatuses: states(status.ContainerStatuses), InitContainerStatuses: states(status.InitContainerStatuses),
	}
}

// images reduces containers to their names and images, and whether they are sidecars.
func images(containers []corev1.Container) []corev1.Container {
	if len(containers) == 0 {
		return nil
	}
	reduced := make([]corev1.Container, len(containers))
	for i, c := range containers {
		reduced[i] = corev1.Container{Name: c.Name, Image: c.Image, RestartPolicy: c.RestartPolicy}
	}
	return reduced
}

func ephemeralImages(containers []corev1.EphemeralContainer) []corev1.EphemeralContainer {
	if len(containers) == 0 {
		return nil
	}
	reduced := make([]corev1.EphemeralContainer, len(containers))
	for i, c := range containers {
		reduced[i].Name, reduced[i].Image = c.Name, c.Image
	}
	return reduced
}

// keptConditions reduces conditions to whether the pod is ready and initialized, and whether it was
// disrupted.
func keptConditions(conditions []corev1.PodCondition) []corev1.PodCondition {
	var kept []corev1.PodCondition
	for _, c := range conditions {
		switch c.Type {
		case corev1.PodReady, corev1.PodInitialized, corev1.DisruptionTarget:
			kept = append(kept, corev1.PodCondition{Type: c.Type, Status: c.Status})
		}
	}
	return kept
}

// states reduces the status of containers to what containers, state and Restarts show of it.
func states(statuses []corev1.ContainerStatus) []corev1.ContainerStatus {
	if len(statuses) == 0 {
		return nil
	}
	reduced := make([]corev1.ContainerStatus, len(statuses))
	for i, s := range statuses {
		reduced[i] = corev1.ContainerStatus{Name: s.Name, ImageID: s.ImageID, Ready: s.Ready, Started: s.Started, RestartCount: s.RestartCount}
		switch to := &reduced[i].State; {
		case s.State.Running != nil:
			to.Running = &corev1.ContainerStateRunning{}
		case s.State.Terminated != nil:
			to.Terminated = &corev1.ContainerStateTerminated{Reason: s.State.Terminated.Reason, ExitCode: s.State.Terminated.ExitCode}
		case s.State.Waiting != nil:
			to.Waiting = &corev1.ContainerStateWaiting{Reason: s.State.Waiting.Reason}
		}
	}
	return reduced
}
