package integration

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// autoscale puts a HorizontalPodAutoscaler on an object. There are no metrics,
// so it only keeps the number of pods within its bounds.
func (s *env) autoscale(target autoscalingv2.CrossVersionObjectReference, least, most int32) {
	s.Helper()
	_, err := s.kube.AutoscalingV2().HorizontalPodAutoscalers(s.domain).Create(s.Context(), &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: target.Name},
		Spec:       autoscalingv2.HorizontalPodAutoscalerSpec{ScaleTargetRef: target, MinReplicas: &least, MaxReplicas: most},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
}

// rebound gives an autoscaler other bounds.
func (s *env) rebound(name string, bounds string) {
	s.Helper()
	_, err := s.kube.AutoscalingV2().HorizontalPodAutoscalers(s.domain).
		Patch(s.Context(), name, types.MergePatchType, []byte(`{"spec":`+bounds+`}`), metav1.PatchOptions{})
	require.NoError(s, err)
}

var (
	webAsSlice      = autoscalingv2.CrossVersionObjectReference{APIVersion: "xos.opencord.org/v1", Kind: "Slice", Name: "web"}
	webAsDeployment = autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}
)

func (s *env) deployment(name string, want func(*appsv1.Deployment) bool) *appsv1.Deployment {
	s.Helper()
	return testkit.Await(s, s.kube.AppsV1().Deployments(s.domain).Get, name, want)
}

// runs returns whether a Deployment wants this many pods and has them.
func runs(count int32) func(*appsv1.Deployment) bool {
	return func(d *appsv1.Deployment) bool { return *d.Spec.Replicas == count && d.Status.ReadyReplicas == count }
}

// requireRest requires that no client changes slice or Deployment any more.
func (s *env) requireRest(count int32) {
	s.Helper()
	s.deployment("web", runs(count))
	s.ready("Slice", "web")
	s.settled(s.manager.Mark())
	slice, deployment := s.slice("web"), s.deployment("web", nil)
	mark := s.manager.Mark()
	require.Empty(s, s.settled(mark).Writes().Lines())
	require.Equal(s, slice.ResourceVersion, s.slice("web").ResourceVersion)
	require.Equal(s, deployment.Generation, s.deployment("web", runs(count)).Generation)
}

func TestAnAutoscalerOnASliceSetsItsCount(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	s.autoscale(webAsSlice, 3, 5)
	s.requireRest(3)
	require.Equal(t, ptr.To[int32](3), s.slice("web").Spec.ControllerReplicaCount)
	s.rebound("web", `{"minReplicas":1,"maxReplicas":2}`)
	s.requireRest(2)

	// A manifest that leaves the count out leaves it to the autoscaler.
	s.apply(webSlice + "  description: no count\n")
	s.requireRest(2)
	require.Equal(t, ptr.To[int32](2), s.slice("web").Spec.ControllerReplicaCount)

	// While the slice is disabled, the count is kept and no autoscaler scales it up.
	s.apply(webSlice + "  enabled: false\n")
	s.requireRest(0)
	require.Equal(t, ptr.To[int32](2), s.slice("web").Spec.ControllerReplicaCount)
	s.apply(webSlice + "  enabled: true\n")
	s.requireRest(2)
}

func TestAnAutoscalerOnTheDeploymentOfASliceWithoutACountSetsThat(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice)
	s.ready("Slice", "web")
	s.autoscale(webAsDeployment, 3, 5)
	s.requireRest(3)
	require.Nil(t, s.slice("web").Spec.ControllerReplicaCount)
	s.rebound("web", `{"minReplicas":1,"maxReplicas":2}`)
	s.requireRest(2)

	// A new template does not touch the count.
	s.apply(`
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:2}]}}
`)
	rolled := s.deployment("web", func(d *appsv1.Deployment) bool {
		return d.Spec.Template.Spec.Containers[0].Image == "registry.example/web:2"
	})
	require.Equal(t, ptr.To[int32](2), rolled.Spec.Replicas)
	s.requireRest(2)

	// An autoscaler leaves what was scaled to nothing alone, so disabling wins.
	s.rebound("web", `{"minReplicas":2,"maxReplicas":5}`)
	s.apply(webSlice + "  enabled: false\n")
	s.requireRest(0)
	s.apply(webSlice)
	s.requireRest(2)
}

func TestAnAutoscalerReportsTheCountFieldThatItNeeds(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice)
	s.ready("Slice", "web")
	s.autoscale(webAsSlice, 3, 5)
	testkit.Await(s, s.kube.AutoscalingV2().HorizontalPodAutoscalers(s.domain).Get, "web", func(a *autoscalingv2.HorizontalPodAutoscaler) bool {
		return slices.ContainsFunc(a.Status.Conditions, func(c autoscalingv2.HorizontalPodAutoscalerCondition) bool {
			return c.Type == autoscalingv2.AbleToScale && c.Status == corev1.ConditionFalse && strings.Contains(c.Message, ".spec.controllerReplicaCount")
		})
	})
	// What "kubectl scale slice" sends is enough.
	_, err := s.Dynamic.Resource(resourceOf("slices")).Namespace(s.home).
		Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`), metav1.PatchOptions{}, "scale")
	require.NoError(t, err)
	s.requireRest(3)
	require.Equal(t, ptr.To[int32](3), s.slice("web").Spec.ControllerReplicaCount)
	require.Equal(t, xosv1.ControllerKindDeployment, s.slice("web").Spec.ControllerKind)
}
