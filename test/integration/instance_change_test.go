package integration

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func TestAnImageIsChangedInThePod(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(web)
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {imageReference: "registry.k8s.io/pause:3.10"}`)
	changed := testkit.Await(s, s.pods().Get, "web", func(p *corev1.Pod) bool {
		return p.Spec.Containers[0].Image == "registry.k8s.io/pause:3.10"
	})
	require.Equal(t, pod.UID, changed.UID)
	s.ready("KubernetesServiceInstance", "web")
}

func TestACommandNeedsAnotherPod(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(web)
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {imageReference: "registry.k8s.io/pause:3.9", command: [/pause]}`)
	require.Equal(t, []string{"/pause"}, s.awaitOther(pod).Spec.Containers[0].Command)
}

// A client that waits for the new spec would otherwise see that it works.
func TestAnInstanceIsNotReadyWhileItsPodIsReplaced(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	first := s.start(web)
	s.settled(0)
	mark := s.manager.Mark()
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {imageReference: "registry.k8s.io/pause:3.9", args: [-v]}`)
	s.awaitOther(first)
	sent := s.sent(mark).Writes()
	made := slices.IndexFunc(sent, func(r transport.Request) bool { return r.Verb == "create" && r.Resource == "pods" })
	require.Positive(t, made, sent.Lines())
	for _, written := range sent[:made].To("kubernetesserviceinstances/status") {
		require.NotContains(t, string(written.Body), `"status":"True","type":"Ready"`)
	}
}

func TestUnderRecreateAnImageNeedsAnotherPod(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {updatePolicy: Recreate, imageReference: "registry.k8s.io/pause:3.9"}`)
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {updatePolicy: Recreate, imageReference: "registry.k8s.io/pause:3.10"}`)
	require.Equal(t, "registry.k8s.io/pause:3.10", s.awaitOther(pod).Spec.Containers[0].Image)
}

func TestUnderNeverOnlyTheNextPodHasTheChange(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {updatePolicy: Never, imageReference: "registry.k8s.io/pause:3.9"}`)
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {updatePolicy: Never, imageReference: "registry.k8s.io/pause:3.10", command: [/pause]}`)
	s.ready("KubernetesServiceInstance", "web")
	s.settled(0)
	kept := testkit.Must(s, s.pods().Get, "web")
	require.Equal(t, pod.UID, kept.UID)
	require.Equal(t, pod.Spec.Containers, kept.Spec.Containers)

	require.NoError(t, s.pods().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	next := s.awaitOther(pod)
	require.Equal(t, "registry.k8s.io/pause:3.10", next.Spec.Containers[0].Image)
	require.Equal(t, []string{"/pause"}, next.Spec.Containers[0].Command)
}
