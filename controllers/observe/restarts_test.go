package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

func TestRestartsAreCountedAsKubectlCounts(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	spec := corev1.PodSpec{InitContainers: []corev1.Container{{Name: "once"}, {Name: "sidecar", RestartPolicy: &always}, {Name: "last"}}}
	of := func(name string, restarts int32, state corev1.ContainerState, started bool) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, RestartCount: restarts, State: state, Started: ptr.To(started)}
	}
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	done := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	failed := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1}}
	waits := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	main := []corev1.ContainerStatus{of("a", 1, runs, true), of("b", 2, runs, true)}
	initialized := []corev1.PodCondition{{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}}
	for name, c := range map[string]struct {
		status corev1.PodStatus
		want   int32
	}{
		"nothing is known":                 {corev1.PodStatus{}, 0},
		"containers":                       {corev1.PodStatus{ContainerStatuses: main}, 3},
		"an init container that has ended": {corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{of("once", 7, done, false)}, ContainerStatuses: main}, 3},
		"an init container that fails": {corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{
			of("once", 7, failed, false), of("sidecar", 9, waits, false),
		}, ContainerStatuses: main}, 7},
		"a sidecar that runs": {corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{
			of("once", 7, done, false), of("sidecar", 3, runs, true), of("last", 4, done, false),
		}, ContainerStatuses: main}, 3 + 3},
		"a sidecar that has not started": {corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{
			of("once", 7, done, false), of("sidecar", 3, runs, false), of("last", 4, waits, false),
		}, ContainerStatuses: main}, 7 + 3},
		"a sidecar that fails after the pod was initialized": {corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{of("once", 7, done, false), of("sidecar", 3, failed, false), of("last", 4, done, false)},
			ContainerStatuses:     main, Conditions: initialized,
		}, 3 + 3},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, Restarts(&corev1.Pod{Spec: spec, Status: c.status}))
		})
	}
}
