package observe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"xos.opencord.org/kubernetes-service/controllers/observe"
)

// beforehand turns the containers so far into those that run before the others.
func beforehand(p *corev1.Pod) {
	p.Status.InitContainerStatuses, p.Status.ContainerStatuses = p.Status.ContainerStatuses, nil
}

// endedLast sets how the last container terminated before it was restarted.
func endedLast(code int32, reason string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		last := &p.Status.ContainerStatuses[len(p.Status.ContainerStatuses)-1]
		last.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, Message: "a secret"}
	}
}

func TestAPodsFailureIsReportedInTheKubeletsWords(t *testing.T) {
	long := strings.Repeat("long ", 1000)
	for sentence, test := range map[string]struct {
		pod  *corev1.Pod
		want string
	}{
		"nothing is known":            {pod(), ""},
		"a container starts":          {pod(waiting("web", "ContainerCreating", "")), ""},
		"an image that is not there":  {pod(waiting("web", "ErrImagePull", "web:9:\n  not found")), "container web: ErrImagePull: web:9: not found"},
		"one that was tried before":   {pod(waiting("web", "ImagePullBackOff", `Back-off pulling image "web:9"`)), `container web: ImagePullBackOff: Back-off pulling image "web:9"`},
		"one that is wanted before":   {pod(waiting("init", "ErrImagePull", "no"), beforehand, waiting("web", "PodInitializing", "")), "container init: ErrImagePull: no"},
		"a secret that is not there":  {pod(waiting("web", "CreateContainerConfigError", `secret "key" not found`)), `container web: CreateContainerConfigError: secret "key" not found`},
		"a crash without a past":      {pod(waiting("web", "CrashLoopBackOff", "back-off 10s restarting")), "container web: CrashLoopBackOff"},
		"a crash by itself":           {pod(waiting("web", "CrashLoopBackOff", "back-off 10s restarting"), endedLast(3, "Error")), "container web: CrashLoopBackOff: exit code 3"},
		"a crash for lack of memory":  {pod(waiting("web", "CrashLoopBackOff", "back-off 20s restarting"), endedLast(137, "OOMKilled")), "container web: CrashLoopBackOff: exit code 137, OOMKilled"},
		"no node":                     {pod(condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes")), "Unschedulable: 0/3 nodes"},
		"a kubelet that has no bound": {pod(waiting("web", "ErrImagePull", long)), "container web: ErrImagePull: " + long[:1024] + "..."},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, observe.NotReadyReason(test.pod))
		})
	}
}
