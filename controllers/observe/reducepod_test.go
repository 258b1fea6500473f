package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// foreignPod is a pod of another client, and what is read of it.
func foreignPod() (whole, reduced *corev1.Pod) {
	reduced = &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "web-1", UID: "u1", ResourceVersion: "7", Generation: 2, GenerateName: "web-", CreationTimestamp: metav1.Unix(1, 0),
			DeletionTimestamp: ptr.To(metav1.Unix(9, 0)), DeletionGracePeriodSeconds: ptr.To[int64](30), Finalizers: []string{"example.com/hold"},
			Labels: map[string]string{"app": "web"}, OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web", UID: "r1", Controller: ptr.To(true)}},
			Annotations: map[string]string{xosv1.AdoptableAnnotation: "true", ownership.HelmReleaseAnnotation: "shop"},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "web", Image: "nginx:1"}, {Name: "side", Image: "tool:2"}}, InitContainers: []corev1.Container{{Name: "init", Image: "busybox", RestartPolicy: ptr.To(corev1.ContainerRestartPolicyAlways)}},
			EphemeralContainers: []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "debug:3"}}},
			RestartPolicy:       corev1.RestartPolicyAlways, ServiceAccountName: "web", NodeName: "node",
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, Reason: "Evicted", PodIP: "10.0.0.1", PodIPs: []corev1.PodIP{{IP: "10.0.0.1"}, {IP: "fd00::1"}},
			Conditions:            []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}, {Type: corev1.PodInitialized, Status: corev1.ConditionTrue}},
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "init", RestartCount: 2, Started: ptr.To(true)}},
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "web", ImageID: "sha256:1", Ready: true, RestartCount: 3, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
				{Name: "side", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}},
				{Name: "third", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 3}}},
			},
		},
	}
	whole = reduced.DeepCopy()
	whole.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubelet"}}
	whole.Annotations["cni.example.org/address"] = "10.0.0.1"
	whole.Spec.Volumes, whole.Spec.Tolerations = []corev1.Volume{{Name: "token"}}, []corev1.Toleration{{Key: "a"}}
	whole.Spec.Containers[0].Env, whole.Spec.Containers[0].LivenessProbe = []corev1.EnvVar{{Name: "A"}}, &corev1.Probe{}
	whole.Spec.InitContainers[0].VolumeMounts = []corev1.VolumeMount{{Name: "token"}}
	whole.Status.HostIP, whole.Status.StartTime, whole.Status.Message = "192.0.2.1", ptr.To(metav1.Unix(2, 0)), "text"
	whole.Status.Conditions[0].LastTransitionTime, whole.Status.Conditions[0].Message = metav1.Unix(3, 0), "text"
	whole.Status.Conditions = append(whole.Status.Conditions, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue})
	for i := range whole.Status.ContainerStatuses {
		whole.Status.ContainerStatuses[i].ContainerID = "containerd://1"
	}
	whole.Status.ContainerStatuses[0].State.Running.StartedAt = metav1.Unix(4, 0)
	whole.Status.ContainerStatuses[1].State.Waiting.Message = "back-off 10s"
	whole.Status.ContainerStatuses[2].State.Terminated.FinishedAt = metav1.Unix(5, 0)
	whole.Status.InitContainerStatuses[0].ContainerID = "containerd://2"
	return whole, reduced
}

func TestOfAnotherClientsPodOnlyWhatIsReadIsLeft(t *testing.T) {
	whole, want := foreignPod()
	ReducePod(whole)
	assert.Equal(t, want, whole)
	ReducePod(whole)
	assert.Equal(t, want, whole, "reduced again")
	bare := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"note": "x"}}}
	ReducePod(bare)
	assert.Equal(t, &corev1.Pod{}, bare)
}

func TestAnInstanceShowsAsMuchOfAReducedPod(t *testing.T) {
	whole, _ := foreignPod()
	var want, got xosv1.KubernetesServiceInstanceStatus
	Pod(&want, whole)
	ReducePod(whole)
	Pod(&got, whole)
	assert.Equal(t, want, got)
	assert.Len(t, got.Containers, 2)
}

func TestPodsOfInstancesAndSlicesAreNotForeign(t *testing.T) {
	whole, _ := foreignPod()
	assert.True(t, IsForeignPod(whole))
	whole.Labels[xosv1.ControllerKindLabel] = "Deployment"
	assert.False(t, IsForeignPod(whole), "its slice reports why it is not ready")
	whole, _ = foreignPod()
	whole.Annotations[xosv1.OwnerAnnotation] = "KubernetesServiceInstance/shop/web/u1/Pod/shop/web"
	assert.False(t, IsForeignPod(whole), "its instance repairs it")
}
