package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

func TestASliceShowsItsControllersStatusAndCountsPodsOtherwise(t *testing.T) {
	of := ownership.Mirrored{Kind: appsv1.SchemeGroupVersion.WithKind("Deployment"), Name: cache.NewObjectName("shop", "web"), UID: "u1"}
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
		seen ControllerStatus
		want xosv1.SliceStatus
	}{
		"all of one of Kubernetes' own kinds": {
			ControllerStatus{Workload: observe.Workload{Desired: 5, Current: 4, Updated: 3, Ready: 3, Selector: "a=b"}, Source: FromController, Handle: "/x"},
			xosv1.SliceStatus{DesiredReplicas: ptr.To[int32](5), Replicas: 4, UpdatedReplicas: 3, ReadyReplicas: 3, Selector: "a=b"},
		},
		"by its scale, which does not report what is ready": {
			ControllerStatus{Workload: observe.Workload{Desired: 5, Current: 4, Selector: "a=b"}, Source: FromScale, Handle: "/x"},
			xosv1.SliceStatus{DesiredReplicas: ptr.To[int32](5), Replicas: 4, ReadyReplicas: 1, Selector: "a=b"},
		},
		"nothing": {
			ControllerStatus{Handle: "/x"},
			xosv1.SliceStatus{Replicas: 2, ReadyReplicas: 1},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			test.want.Controller, test.want.BackendHandle, test.want.Instances = reference, "/x", 7
			status := xosv1.SliceStatus{Instances: 7, UpdatedReplicas: 9, Selector: "old"}
			ShowController(&status, of, test.seen, instances)
			assert.Equal(t, test.want, status)
		})
	}
}
