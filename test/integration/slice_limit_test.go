package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestASliceWithoutAControllerLimitsItsInstances(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	instance := func(name string) string {
		return fmt.Sprintf("---\nkind: KubernetesServiceInstance\nmetadata: {name: %s}\nspec: {slice: few, imageReference: registry.example/few:1}\n", name)
	}
	s.apply("kind: Slice\nmetadata: {name: few}\nspec: {trustDomain: $domain, maxInstances: 1}\n" + instance("a"))
	s.ready("KubernetesServiceInstance", "a")
	s.apply(instance("b"))
	s.unready("KubernetesServiceInstance", "b", xosv1.ReasonInvalid, "Slice few has 1 instances already", "maxInstances")
	testkit.Await(s, s.xos.XosV1().Slices(s.home).Get, "few", func(slice *xosv1.Slice) bool { return slice.Status.Instances == 2 })
	s.unready("Slice", "few", xosv1.ReasonInvalid, "there are 2 instances, more than spec.maxInstances, 1")
	s.delete("KubernetesServiceInstance", "a")
	s.ready("KubernetesServiceInstance", "b")
	s.ready("Slice", "few")
}

func TestACountBeyondTheLimitIsRefusedAlsoFromAScale(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n  maxInstances: 2\n")
	slices := s.xos.XosV1().Slices(s.home)
	scale, err := slices.GetScale(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	scale.Spec.Replicas = 3
	_, err = slices.UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{})
	require.True(t, apierrors.IsInvalid(err), "%v", err)
	require.ErrorContains(t, err, "controllerReplicaCount must not be more than maxInstances")
	s.ready("Slice", "web")
}

func TestAnotherClientsCountBeyondTheLimitIsReported(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  maxInstances: 2\n")
	s.ready("Slice", "web")
	mark := s.manager.Mark()
	_, err := s.kube.AppsV1().Deployments(s.domain).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"replicas":3}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	s.unready("Slice", "web", xosv1.ReasonInvalid, "the Deployment is to have 3 pods, more than spec.maxInstances, 2")
	require.Empty(t, s.settled(mark).To("deployments").Writes().Lines(), "it is theirs to lower")
	s.apply(webSlice + "  maxInstances: 3\n")
	s.ready("Slice", "web")

	s.apply(sliceOf("DaemonSet", "", "maxInstances: 1"))
	s.unready("Slice", nameFor("DaemonSet"), xosv1.ReasonInvalid, "the DaemonSet is to have 2 pods, more than spec.maxInstances, 1")
}
