package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// generations are those of the pod's spec and of its status.
func generations(spec, observed int64) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Generation, p.Status.ObservedGeneration = spec, observed }
}

func ending(p *corev1.Pod) { now := metav1.Now(); p.DeletionTimestamp = &now }

func restarts(policy corev1.RestartPolicy) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.RestartPolicy = policy }
}

func TestAnInstanceIsJudgedByItsPod(t *testing.T) {
	ready := condition(corev1.PodReady, corev1.ConditionTrue, "", "")
	for sentence, test := range map[string]struct {
		pod     *corev1.Pod
		state   outcome.State
		message string
	}{
		"no pod yet":                            {nil, outcome.Progressing, "the pod is being created"},
		"a pod that ends":                       {pod(ready, ending), outcome.Progressing, "pod shop/web is being deleted and will be recreated"},
		"a pod that has completed":              {pod(phase(corev1.PodSucceeded)), outcome.Ready, "pod shop/web has completed"},
		"a pod that failed by itself":           {pod(phase(corev1.PodFailed)), outcome.Stalled, "pod shop/web failed"},
		"a pod that failed and says why":        {pod(phase(corev1.PodFailed), because("DeadlineExceeded", "too slow")), outcome.Stalled, "pod shop/web failed: DeadlineExceeded: too slow"},
		"a pod that was evicted comes back":     {pod(phase(corev1.PodFailed), because("Evicted", "no memory")), outcome.Retrying, "pod shop/web was lost and will be recreated: Evicted: no memory"},
		"a pod that is ready":                   {pod(phase(corev1.PodRunning), ready), outcome.Ready, "pod shop/web is ready"},
		"one whose kubelet saw its spec":        {pod(phase(corev1.PodRunning), ready, generations(2, 2)), outcome.Ready, "pod shop/web is ready"},
		"one whose kubelet saw an older one":    {pod(phase(corev1.PodRunning), ready, generations(2, 1)), outcome.Progressing, "pod shop/web takes up its new spec"},
		"one whose kubelet reports none":        {pod(phase(corev1.PodRunning), ready, generations(2, 0)), outcome.Ready, "pod shop/web is ready"},
		"one that ended before it was seen":     {pod(phase(corev1.PodSucceeded), generations(2, 1)), outcome.Ready, "pod shop/web has completed"},
		"a pod that runs and is not ready":      {pod(phase(corev1.PodRunning), condition(corev1.PodReady, corev1.ConditionFalse, "", "")), outcome.Progressing, "pod shop/web is not ready"},
		"a pod that starts":                     {pod(waits("ContainerCreating")), outcome.Progressing, "pod shop/web is not ready"},
		"a pod whose image can't be had":        {pod(waits("ImagePullBackOff")), outcome.Progressing, "pod shop/web is not ready: container web: ImagePullBackOff"},
		"a pod that fits nowhere":               {pod(condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes")), outcome.Progressing, "pod shop/web is not ready: Unschedulable: 0/3 nodes"},
		"a failing container is reported first": {pod(waits("PodInitializing"), waits("CrashLoopBackOff")), outcome.Progressing, "pod shop/web is not ready: container web: CrashLoopBackOff"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := status.Instance(&xosv1.KubernetesServiceInstance{}, test.pod, test.pod != nil && test.pod.DeletionTimestamp != nil, "")
			assert.Equal(t, test.state, got.State)
			assert.Equal(t, test.message, got.Message)
		})
	}
}

func TestAPodIsLostWhereItEndedForNoReasonOfItsOwn(t *testing.T) {
	disrupted := condition(corev1.DisruptionTarget, corev1.ConditionTrue, "TerminationByKubelet", "")
	for sentence, test := range map[string]struct {
		pod  *corev1.Pod
		want bool
	}{
		"a pod that runs is not":                      {pod(phase(corev1.PodRunning)), false},
		"one that runs and is to be disrupted is not": {pod(phase(corev1.PodRunning), disrupted), false},
		"one that completed is not":                   {pod(phase(corev1.PodSucceeded), disrupted), false},
		"one that failed by itself is not":            {pod(phase(corev1.PodFailed)), false},
		"one that may be restarted on failure is not": {pod(phase(corev1.PodFailed), restarts(corev1.RestartPolicyOnFailure)), false},
		"one that was evicted is":                     {pod(phase(corev1.PodFailed), because("Evicted", "")), true},
		"one that was disrupted is":                   {pod(phase(corev1.PodFailed), disrupted), true},
		"one that is always restarted is":             {pod(phase(corev1.PodFailed), restarts(corev1.RestartPolicyAlways)), true},
		"a disruption that was called off is none": {
			pod(phase(corev1.PodFailed), condition(corev1.DisruptionTarget, corev1.ConditionFalse, "", "")), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, observe.Lost(test.pod))
		})
	}
}

func TestObservingAPodShowsAllOfItAndForgettingItNothing(t *testing.T) {
	p := pod(phase(corev1.PodRunning), condition(corev1.PodReady, corev1.ConditionTrue, "", ""), func(p *corev1.Pod) {
		p.Labels = map[string]string{"app": "web"}
		p.Spec.NodeName = "node-1"
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "proxy", Image: "envoy"}, corev1.Container{Name: "late", Image: "busybox"}, corev1.Container{Name: "stuck"})
		p.Status.PodIP, p.Status.PodIPs = "10.0.0.1", []corev1.PodIP{{IP: "10.0.0.1"}, {IP: "fd00::1"}}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{
			{Name: "stuck", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}},
			{Name: "proxy", RestartCount: 2, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled"}}},
			{Name: "web", RestartCount: 1, ImageID: "sha256:1", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
		}
	})
	kept := xosv1.KubernetesServiceInstanceStatus{
		ObjectStatus: xosv1.ObjectStatus{ObservedGeneration: 3},
		Delivery:     &xosv1.Delivery{Announced: true},
	}
	got := kept
	observe.Pod(&got, p)
	want := kept
	want.BackendHandle = "/api/v1/namespaces/shop/pods/web"
	want.PodUID, want.Phase, want.NodeName, want.Ready, want.Restarts = "u1", corev1.PodRunning, "node-1", true, 3
	want.PodIP, want.PodIPs = "10.0.0.1", []string{"10.0.0.1", "fd00::1"}
	want.Labels = map[string]string{"app": "web"}
	want.Containers = []xosv1.ContainerStatus{
		{Name: "web", Image: "nginx", ImageID: "sha256:1", Ready: true, Restarts: 1, State: "Running"},
		{Name: "proxy", Image: "envoy", Restarts: 2, State: "Terminated: OOMKilled"},
		{Name: "late", Image: "busybox"},
		{Name: "stuck", State: "Waiting: ImagePullBackOff"},
	}
	assert.Equal(t, want, got)

	again := got
	observe.Pod(&again, p)
	assert.Equal(t, got, again, "observing twice is observing once")

	observe.ForgetPod(&got)
	assert.Equal(t, kept, got, "but what is known of the object itself and of Kafka stays")
}
