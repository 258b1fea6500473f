package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestASliceIsScaledByItsScaleAndLeavesAnAutoscalersCountAlone(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	slices := s.xos.XosV1().Slices(s.home)
	scale, err := slices.GetScale(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, autoscalingv1.ScaleStatus{Replicas: 1, Selector: s.selectorOf("Deployment", "web")}, scale.Status)
	scale.Spec.Replicas = 3
	_, err = slices.UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{})
	require.NoError(t, err)
	deployments := s.kube.AppsV1().Deployments(s.domain)
	testkit.Await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 3 })

	s.apply(`
kind: Slice
metadata: {name: free}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`)
	s.ready("Slice", "free")
	mark := s.manager.Mark()
	_, err = deployments.Patch(t.Context(), "free", types.MergePatchType, []byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{FieldManager: "autoscaler"})
	require.NoError(t, err)
	testkit.Await(s, deployments.Get, "free", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 2 })
	require.Empty(t, s.settled(mark).To("deployments").Writes().Lines(), "a count that the spec leaves open is another client's")
}

func TestACountThatIsTakenOutFallsBackToOneAndIsAnybodysThen(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 3\n")
	s.ready("Slice", "web")
	s.apply(webSlice)
	s.deployment("web", runs(1))
	_, err := s.kube.AppsV1().Deployments(s.domain).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	s.requireRest(2)
}
