package pull

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/compact"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

func TestOfAPodAsItIsCachedRecordsAndEventsShowTheSame(t *testing.T) {
	whole := func() *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "shop", Name: "web-1", UID: "u", ResourceVersion: "7", CreationTimestamp: metav1.Unix(1, 0), DeletionTimestamp: ptr.To(metav1.Unix(2, 0)),
				Labels: map[string]string{"app": "web"}, Annotations: map[string]string{"cni.example.org/address": "10.0.0.1"},
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web", UID: "r", Controller: ptr.To(true)}},
			},
			Spec: corev1.PodSpec{
				Containers: []corev1.Container{{Name: "web", Image: "nginx:1", Env: []corev1.EnvVar{{Name: "A"}}}}, InitContainers: []corev1.Container{{Name: "init", Image: "busybox"}},
				EphemeralContainers: []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "debug:3"}}},
				ServiceAccountName:  "web", NodeName: "node", Volumes: []corev1.Volume{{Name: "data"}},
			},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: "10.0.0.1", PodIPs: []corev1.PodIP{{IP: "10.0.0.1"}}, StartTime: ptr.To(metav1.Unix(1, 0)),
				Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Unix(3, 0)}},
				ContainerStatuses: []corev1.ContainerStatus{{Name: "web", ImageID: "sha256:1", ContainerID: "c", Ready: true, RestartCount: 2, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Unix(4, 0)}}}},
			},
		}
	}
	reduced := whole()
	observe.ReducePod(reduced)
	cached := compact.Pod(reduced).(store.Compact).Object().(*corev1.Pod)
	type shown struct {
		status       xosv1.KubernetesServiceInstanceStatus
		entity       event.Entity
		dependencies record.Dependencies
		instance     *xosv1.KubernetesServiceInstance
		controller   []string
		images       []record.ImageReference
		node         []string
	}
	show := func(pod *corev1.Pod) shown {
		s := shown{
			entity: event.OfPod(pod, nil), dependencies: record.DependenciesOf(pod), instance: record.NewInstance(pod, record.References{}),
			controller: owners.ControllerUID(pod), images: record.ImagesOf(pod), node: nodeOf(pod),
		}
		observe.Pod(&s.status, pod)
		return s
	}
	assert.Equal(t, show(whole()), show(cached))
}
