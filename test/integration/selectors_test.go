package integration

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

func TestAControllerLeavesThePodsOfItsSlicesInstancesAlone(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"ReplicaSet", "DaemonSet"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := crossNamespace(t)
			s.apply(sliceOf(kind, "", ""))
			s.ready("Slice", nameFor(kind))
			before := s.selected(s.selectorOf(kind, nameFor(kind)))
			require.Len(t, before, 2)
			s.apply(fmt.Sprintf("kind: KubernetesServiceInstance\nmetadata: {name: mine}\nspec: {slice: %s, imageReference: registry.example/front:1}\n", nameFor(kind)))
			s.ready("KubernetesServiceInstance", "mine")
			mine := testkit.Must(s, s.pods().Get, "mine")

			// A pod that it has to recreate shows that the controller has reconciled.
			require.NoError(t, s.pods().Delete(t.Context(), before[0], metav1.DeleteOptions{}))
			s.until("the controller has made another pod", func() bool {
				now := s.selected(s.selectorOf(kind, nameFor(kind)))
				return len(now) == 2 && !slices.Contains(now, before[0])
			})
			s.ready("Slice", nameFor(kind))
			after := testkit.Must(s, s.pods().Get, "mine")
			require.Equal(t, mine.UID, after.UID)
			require.Empty(t, after.OwnerReferences)
			require.Contains(t, s.selected(xosv1.SliceLabel+"="+nameFor(kind)), "mine", "it is the slice's all the same")
		})
	}
}

// neighbour is the environment of another namespace whose custom resources are of the
// same trust domain.
func (s *env) neighbour() *env {
	s.Helper()
	other := *s
	other.home = plane.Namespace(s.T, plane.Shared(s.T))
	return &other
}

// selected are the names of the pods that a selector finds.
func (s *env) selected(selector string) []string {
	s.Helper()
	list, err := s.pods().List(s.Context(), metav1.ListOptions{LabelSelector: selector})
	require.NoError(s, err)
	var names []string
	for _, pod := range list.Items {
		names = append(names, pod.Name)
	}
	return names
}

// leadsTo waits until a native Service leads to these pods and to no other.
func (s *env) leadsTo(service string, pods ...string) {
	s.Helper()
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		list, err := s.kube.DiscoveryV1().EndpointSlices(s.domain).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
		if err != nil {
			return false, err.Error()
		}
		found := map[string]bool{}
		for _, endpoints := range list.Items {
			for _, e := range endpoints.Endpoints {
				found[e.TargetRef.Name] = true
			}
		}
		names := slices.Sorted(maps.Keys(found))
		return slices.Equal(names, pods), fmt.Sprintf("Service %s leads to %v, not to %v", service, names, pods)
	})
}

func TestServicesOfOneNameFromTwoNamespacesLeadEachToItsOwnPods(t *testing.T) {
	t.Parallel()
	one := crossNamespace(t)
	other := one.neighbour()
	instance := func(name string) string {
		return shop + fmt.Sprintf(`
---
kind: KubernetesServiceInstance
metadata: {name: %s}
spec: {slice: front, imageReference: registry.example/front:1}
`, name)
	}
	one.apply(instance("mine") + "---\n" + port("http", "internalPort: 80, exposure: ClusterIP"))
	other.apply(instance("theirs") + "---\n" + port("http", "internalPort: 80"))
	for s, name := range map[*env]string{one: "mine", other: "theirs"} {
		s.ready("KubernetesServiceInstance", name)
		s.ready("Service", "shop")
	}
	one.leadsTo("shop-clusterip", "mine")
	other.leadsTo("shop", "theirs")
	require.ElementsMatch(t, []string{"mine", "theirs"}, one.selected(xosv1.SliceLabel+"=front"), "the name alone finds both")

	// What can't have two owners has the first.
	other.apply(port("more", "internalPort: 81, exposure: ClusterIP"))
	other.unready("Service", "shop", xosv1.ReasonNotOwned, "Service $domain/shop-clusterip exists and belongs to an object in another namespace: give this object another name")
	one.leadsTo("shop-clusterip", "mine")
}

func TestSlicesOfOneNameFromTwoNamespacesKeepToTheirOwnPods(t *testing.T) {
	t.Parallel()
	one := crossNamespace(t)
	other := one.neighbour()
	of := func(kind, image string) string {
		return fmt.Sprintf(`
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: %s
  controllerReplicaCount: 1
  template: {spec: {containers: [{name: main, image: %s}]}}
`, kind, image)
	}
	one.apply(of("Deployment", "registry.example/web:1"))
	other.apply(of("StatefulSet", "registry.example/web:2"))
	for s, image := range map[*env]string{one: "registry.example/web:1", other: "registry.example/web:2"} {
		s.ready("Slice", "web")
		pods, err := s.pods().List(t.Context(), metav1.ListOptions{LabelSelector: s.slice("web").Status.Selector})
		require.NoError(t, err)
		require.Len(t, pods.Items, 1)
		require.Equal(t, image, pods.Items[0].Spec.Containers[0].Image)
	}

	// The failure of one is not reported for the other.
	pod := testkit.Must(t, one.pods().Get, "web-0")
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "main", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
	}}
	_, err := one.pods().UpdateStatus(t.Context(), pod, metav1.UpdateOptions{})
	require.NoError(t, err)
	other.unready("Slice", "web", xosv1.ReasonProgressing, "CrashLoopBackOff")
	one.ready("Slice", "web")

	// One of the kind that the other has would be the same native object.
	one.apply(of("StatefulSet", "registry.example/web:1"))
	one.unready("Slice", "web", xosv1.ReasonNotOwned, "StatefulSet $domain/web exists and belongs to an object in another namespace: give this object another name")
}
