package cluster

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

func TestOnlyOtherClientsPodsAreCachedInPart(t *testing.T) {
	pod := func(labels, annotations map[string]string) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Labels: labels, Annotations: annotations},
			Spec:       corev1.PodSpec{NodeName: "node", Volumes: []corev1.Volume{{Name: "data"}}},
		}
	}
	for _, own := range []*corev1.Pod{
		pod(map[string]string{xosv1.ControllerKindLabel: "Deployment"}, nil),
		pod(nil, map[string]string{xosv1.OwnerAnnotation: "KubernetesServiceInstance/shop/web/u1/Pod/shop/web"}),
	} {
		want := own.DeepCopy()
		got, err := trimPods(own)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	got, err := trimPods(pod(nil, nil))
	require.NoError(t, err)
	compact, ok := got.(store.Compact)
	require.True(t, ok)
	want := pod(nil, nil)
	want.Spec.Volumes = nil
	assert.Equal(t, want, compact.Object())
	again, err := trimPods(got)
	require.NoError(t, err)
	assert.Same(t, got, again, "a form is not changed again")
	missed := cache.DeletedFinalStateUnknown{Key: "shop/web", Obj: got}
	same, err := trimPods(missed)
	require.NoError(t, err)
	assert.Equal(t, missed, same)
}

func TestOnlyRecordsAreCachedInCompactForm(t *testing.T) {
	instance := func(managed bool, pulled string) *xosv1.KubernetesServiceInstance {
		i := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Labels: map[string]string{xosv1.PulledLabel: pulled}}}
		i.Spec.XOSManaged = ptr.To(managed)
		return i
	}
	for _, test := range []struct {
		instance *xosv1.KubernetesServiceInstance
		compact  bool
	}{{instance(false, xosv1.PulledValue), true}, {instance(true, xosv1.PulledValue), false}, {instance(false, ""), false}} {
		want := test.instance.DeepCopy()
		got, err := trimCustom(test.instance)
		require.NoError(t, err)
		compact, ok := got.(store.Compact)
		assert.Equal(t, test.compact, ok)
		if ok {
			got = compact.Object()
		}
		assert.Equal(t, want, got)
	}
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web", ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "x"}}}}
	got, err := trimCustom(slice)
	require.NoError(t, err)
	assert.Equal(t, &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web"}}, got)
}
