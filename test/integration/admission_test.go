package integration

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/test/testkit"
)

const mirror = "mirror.example.internal/"

// mirrorImages has the API server send the images of the environment's pods to a mirror, in
// requests of some operations: "CREATE, UPDATE".
func (s *env) mirrorImages(operations string) {
	s.Helper()
	text, err := os.ReadFile("testdata/admission/mirror.yaml")
	require.NoError(s, err)
	s.user.apply(s, strings.NewReplacer("$domain", s.domain, "$operations", operations).Replace(string(text)), "")
	s.Cleanup(func() {
		api := s.kube.AdmissionregistrationV1()
		assert.NoError(s, api.MutatingAdmissionPolicyBindings().Delete(context.Background(), s.domain, metav1.DeleteOptions{}))
		assert.NoError(s, api.MutatingAdmissionPolicies().Delete(context.Background(), s.domain, metav1.DeleteOptions{}))
	})
	probe := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "probe"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "x"}}},
	}
	pods := s.kube.CoreV1().Pods(s.domain)
	s.until("the policy is in force", func() bool {
		tried, err := pods.Create(s.Context(), probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err == nil && strings.HasPrefix(tried.Spec.Containers[0].Image, mirror)
	})
}

func TestWhatAdmissionMakesOfAPodIsNoDrift(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.mirrorImages("CREATE")
	pods := s.kube.CoreV1().Pods(s.domain)
	image := func() string { return testkit.Must(t, pods.Get, "shell").Spec.Containers[0].Image }
	shell := func(image string) {
		s.apply("kind: KubernetesServiceInstance\nmetadata: {name: shell}\nspec: {imageReference: '" + image + "'}")
	}
	shell("registry.k8s.io/pause:3.10")
	s.ready("KubernetesServiceInstance", "shell")
	s.apply(`
kind: Slice
metadata: {name: web}
spec: {controllerKind: Deployment, controllerReplicaCount: 1, template: {spec: {containers: [{name: web, image: "registry.k8s.io/pause:3.10"}]}}}`)
	s.ready("Slice", "web")
	require.Equal(t, mirror+"registry.k8s.io/pause:3.10", image())
	made := testkit.Must(t, pods.Get, "shell").UID

	// Any event of the pod enqueues its instance.
	s.settled(s.manager.Mark())
	mark := s.manager.Mark()
	_, err := pods.Patch(t.Context(), "shell", types.MergePatchType, []byte(`{"metadata":{"labels":{"looked":"at"}}}`), metav1.PatchOptions{FieldManager: "kubectl-label"})
	require.NoError(t, err)
	require.Empty(t, s.settled(mark).To("pods").Lines())
	require.Equal(t, mirror+"registry.k8s.io/pause:3.10", image())

	shell("registry.k8s.io/pause:3.9")
	s.until("the pod runs the next image", func() bool { return strings.HasSuffix(image(), "pause:3.9") })
	s.ready("KubernetesServiceInstance", "shell")
	require.Equal(t, made, testkit.Must(t, pods.Get, "shell").UID)
}

func TestAnAdmissionChangeToAnotherRequestIsRevertedOnce(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.mirrorImages("CREATE, UPDATE")
	pods := s.kube.CoreV1().Pods(s.domain)
	s.apply("kind: KubernetesServiceInstance\nmetadata: {name: shell}\nspec: {imageReference: 'registry.k8s.io/pause:3.10'}")
	s.ready("KubernetesServiceInstance", "shell")
	s.apply("kind: KubernetesServiceInstance\nmetadata: {name: shell}\nspec: {imageReference: 'registry.k8s.io/pause:3.9'}")
	s.until("the pod runs the next image", func() bool {
		return testkit.Must(t, pods.Get, "shell").Spec.Containers[0].Image == mirror+"registry.k8s.io/pause:3.9"
	})
	s.ready("KubernetesServiceInstance", "shell")
	s.settled(s.manager.Mark())
	mark := s.manager.Mark()
	for i := range 3 {
		_, err := pods.Patch(t.Context(), "shell", types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"labels":{"looked":"at-%d"}}}`, i), metav1.PatchOptions{FieldManager: "kubectl-label"})
		require.NoError(t, err)
		s.settled(mark)
	}
	assert.LessOrEqual(t, len(s.settled(mark).To("pods")), 1)
	require.Equal(t, mirror+"registry.k8s.io/pause:3.9", testkit.Must(t, pods.Get, "shell").Spec.Containers[0].Image)
	s.ready("KubernetesServiceInstance", "shell")
}

func TestAKeyTooManyInAMapThatIsOneValueIsDrift(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
kind: Service
metadata: {name: web}
---
kind: ServicePort
metadata: {name: web}
spec: {service: web, internalPort: 80}
---
kind: Slice
metadata: {name: web}
spec: {service: web, controllerKind: Deployment, controllerReplicaCount: 1, template: {spec: {nodeSelector: {kubernetes.io/os: linux}, containers: [{name: web, image: x}]}}}`)
	s.ready("Service", "web")
	s.ready("Slice", "web")
	services, deployments := s.kube.CoreV1().Services(s.domain), s.kube.AppsV1().Deployments(s.domain)
	selector := testkit.Must(t, services.Get, "web").Spec.Selector
	_, err := services.Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"selector":{"never":"true"}}}`), metav1.PatchOptions{FieldManager: "kubectl-patch"})
	require.NoError(t, err)
	testkit.Await(t, services.Get, "web", func(live *corev1.Service) bool { return assert.ObjectsAreEqual(selector, live.Spec.Selector) })

	_, err = deployments.Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"nodeSelector":{"zone":"none"}}}}}`), metav1.PatchOptions{FieldManager: "kubectl-patch"})
	require.NoError(t, err)
	s.until("the key is gone", func() bool { return len(testkit.Must(t, deployments.Get, "web").Spec.Template.Spec.NodeSelector) == 1 })
	s.ready("Slice", "web")
}

func TestARoundedQuantityIsNoDrift(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
kind: KubernetesServiceInstance
metadata: {name: small}
spec: {imageReference: x, resources: {requests: {cpu: 0.5m, memory: "1000.5"}}}`)
	s.ready("KubernetesServiceInstance", "small")
	s.settled(s.manager.Mark())
	mark := s.manager.Mark()
	_, err := s.kube.CoreV1().Pods(s.domain).Patch(t.Context(), "small", types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"looked":"at"}}}`), metav1.PatchOptions{FieldManager: "kubectl-label"})
	require.NoError(t, err)
	require.Empty(t, s.settled(mark).To("pods").Lines())
}

func TestAFightIsReportedByFieldAndManager(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {data: {color: blue}}")
	s.ready("KubernetesConfigMap", "settings")
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	stop := s.Context().Done()
	ended := make(chan struct{})
	go func() { // another client that wants another colour
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if live, err := maps.Get(context.Background(), "settings", metav1.GetOptions{}); err == nil && live.Data["color"] == "blue" {
				_, _ = maps.Patch(context.Background(), "settings", types.MergePatchType, []byte(`{"data":{"color":"red"}}`), metav1.PatchOptions{FieldManager: "painter"})
			}
		}
	}()
	s.Cleanup(func() { <-ended })
	s.unready("KubernetesConfigMap", "settings", "Conflict", "data.color by painter")
}
