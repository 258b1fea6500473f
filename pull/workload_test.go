package pull

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

func TestAControllerIsKeptWithoutItsTemplate(t *testing.T) {
	deployment := func(owners ...metav1.OwnerReference) *appsv1.Deployment {
		return &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "shop", Name: "web", UID: "u1", ResourceVersion: "7", OwnerReferences: owners,
				Labels:        map[string]string{xosv1.SliceNameLabel: "front", "app": "web"},
				Annotations:   map[string]string{xosv1.OwnerAnnotation: "Slice/shop/web/s1", "note": "x"},
				ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
			},
			Spec: appsv1.DeploymentSpec{
				Replicas: ptr.To[int32](3), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
				Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Image: "large"}}}},
			},
			Status: appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 1, ReadyReplicas: 1},
		}
	}
	kept := metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "web", UID: "u1", ResourceVersion: "7",
		Labels:      map[string]string{xosv1.SliceNameLabel: "front"},
		Annotations: map[string]string{xosv1.OwnerAnnotation: "Slice/shop/web/s1"},
	}}
	shown := verdict.Workload{Desired: 3, Current: 2, Updated: 1, Ready: 1, Selector: "app=web", Observed: true}
	assert.Equal(t, &nativeController{kept, shown}, reduce(deployment(), verdict.Deployment))

	above := metav1.OwnerReference{Kind: "App", Name: "web", UID: "a", Controller: ptr.To(true)}
	below := *kept.DeepCopy()
	below.OwnerReferences = []metav1.OwnerReference{above}
	assert.Equal(t, &nativeController{PartialObjectMetadata: below}, reduce(deployment(above), verdict.Deployment),
		"of one that another controls no slice shows anything")
}

func TestASliceShowsWhatItsControllerTellsAndItsPodsForTheRest(t *testing.T) {
	of := engine.Mirrored{Kind: appsv1.SchemeGroupVersion.WithKind("Deployment"), Name: cache.NewObjectName("shop", "web"), UID: "u1"}
	instance := func(ready, ending bool) *xosv1.KubernetesServiceInstance {
		i := &xosv1.KubernetesServiceInstance{Status: xosv1.KubernetesServiceInstanceStatus{Ready: ready}}
		if ending {
			i.DeletionTimestamp = &metav1.Time{}
		}
		return i
	}
	instances := []*xosv1.KubernetesServiceInstance{instance(true, false), instance(false, false), instance(true, true)}
	reference := &xosv1.ControllerReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", UID: "u1"}
	for sentence, test := range map[string]struct {
		seen sight
		want xosv1.SliceStatus
	}{
		"all of one of Kubernetes' own kinds": {
			sight{workload: verdict.Workload{Desired: 5, Current: 4, Updated: 3, Ready: 3, Selector: "a=b"}, tells: tellsAll, handle: "/x"},
			xosv1.SliceStatus{DesiredReplicas: ptr.To[int32](5), Replicas: 4, UpdatedReplicas: 3, ReadyReplicas: 3, Selector: "a=b"},
		},
		"by its scale, which does not tell what is ready": {
			sight{workload: verdict.Workload{Desired: 5, Current: 4, Selector: "a=b"}, tells: tellsScale, handle: "/x"},
			xosv1.SliceStatus{DesiredReplicas: ptr.To[int32](5), Replicas: 4, ReadyReplicas: 1, Selector: "a=b"},
		},
		"nothing": {
			sight{handle: "/x"},
			xosv1.SliceStatus{Replicas: 2, ReadyReplicas: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			test.want.Controller, test.want.BackendHandle, test.want.Instances = reference, "/x", 7
			status := xosv1.SliceStatus{Instances: 7, UpdatedReplicas: 9, Selector: "old"}
			observeSlice(&status, of, test.seen, instances)
			assert.Equal(t, test.want, status)
		})
	}
}
