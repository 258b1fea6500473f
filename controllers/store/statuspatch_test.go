package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store/storetest"
)

func TestAStatusPatchHoldsTheStatusAndTheUIDAlone(t *testing.T) {
	for sentence, test := range map[string]struct {
		change func(*xosv1.KubernetesServiceInstance)
		want   string
	}{
		"a field that is new": {
			func(i *xosv1.KubernetesServiceInstance) { i.Status.NodeName = "node-1" }, `{"metadata":{"uid":"u"},"status":{"nodeName":"node-1"}}`},
		"a field that is gone": {
			func(i *xosv1.KubernetesServiceInstance) { i.Status.PodIP = "" }, `{"metadata":{"uid":"u"},"status":{"podIP":null}}`},
		"a label that is gone": {
			func(i *xosv1.KubernetesServiceInstance) { i.Status.Labels = nil }, `{"metadata":{"uid":"u"},"status":{"labels":null}}`},
		"a list that is another": {
			func(i *xosv1.KubernetesServiceInstance) { i.Status.PodIPs = []string{"::1"} }, `{"metadata":{"uid":"u"},"status":{"podIPs":["::1"]}}`},
		"what is not status is left out": {
			func(i *xosv1.KubernetesServiceInstance) {
				i.Spec.Slice, i.Labels, i.Finalizers, i.Status.Ready = "other", map[string]string{"a": "b"}, []string{"x"}, true
			}, `{"metadata":{"uid":"u"},"status":{"ready":true}}`},
	} {
		t.Run(sentence, func(t *testing.T) {
			before := &xosv1.KubernetesServiceInstance{
				ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "u", ResourceVersion: "7"},
				Status:     xosv1.KubernetesServiceInstanceStatus{PodIP: "10.0.0.1", PodIPs: []string{"10.0.0.1"}, Labels: map[string]string{"app": "web"}},
			}
			after := before.DeepCopy()
			test.change(after)
			patch, err := StatusPatch(before, after)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(patch))
		})
	}
}

func TestAStatusThatJSONShowsAlikeIsNotSent(t *testing.T) {
	before := &xosv1.KubernetesService{Status: xosv1.KubernetesServiceStatus{LastFullList: &metav1.Time{Time: storetest.Noon}}}
	after := before.DeepCopy()
	after.Status.LastFullList.Time = storetest.Noon.Add(time.Millisecond)
	patch, err := StatusPatch(before, after)
	require.NoError(t, err)
	assert.Nil(t, patch)
}
