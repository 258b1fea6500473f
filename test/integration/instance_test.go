package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
)

// web is an instance that needs nothing but its trust domain.
const web = `
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {imageReference: "registry.k8s.io/pause:3.9"}
`

func (s *env) pods() corev1client.PodInterface { return s.kube.CoreV1().Pods(s.domain) }

// instance reads an instance.
func (s *env) instance(name string) *xosv1.KubernetesServiceInstance {
	s.Helper()
	return testkit.Must(s, s.xos.XosV1().KubernetesServiceInstances(s.home).Get, name)
}

func TestAnInstanceOfAnotherClusterIsRefused(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: KubernetesService\nmetadata: {name: $domain}\n")
	s.Cleanup(func() { s.forget("KubernetesService", s.domain) })
	s.apply("kind: KubernetesServiceInstance\nmetadata: {name: web}\nspec: {owner: $domain, imageReference: \"registry.k8s.io/pause:3.9\"}\n")
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonInvalid, "KubernetesService $domain is not the cluster that the controllers run in")
	testkit.AwaitGone(s, s.pods().Get, "web")
}

func TestAnInstancesPodHasAllFieldsOfItsSpec(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: Principal
metadata: {name: account}
spec: {trustDomain: $domain}
---
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain, principal: account, service: shop}
---
kind: Image
metadata: {name: $domain-pause}
spec: {name: registry.k8s.io/pause, tag: "3.9"}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  slice: front
  image: $domain-pause
  command: [/pause]
  args: [-v]
  env: [{name: COLOR, value: blue}]
  ports: [{containerPort: 8080, name: http}]
  resources: {requests: {cpu: 10m, memory: 16Mi}}
  template:
    metadata: {labels: {tier: front}, annotations: {example.org/note: hello}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          env: [{name: COLOR, value: red}, {name: SIZE, value: large}]
        - {name: sidecar, image: "registry.k8s.io/pause:3.10"}
`)
	s.Cleanup(func() { s.forget("Image", s.domain+"-pause") })
	s.ready("KubernetesServiceInstance", "web")
	pod := testkit.Must(s, s.pods().Get, "web")
	require.Equal(t, "account", pod.Spec.ServiceAccountName)
	require.Equal(t, s.home, pod.Labels[xosv1.NamespaceLabel])
	require.Equal(t, "front", pod.Labels[xosv1.SliceLabel])
	require.Equal(t, "shop", pod.Labels[xosv1.ServiceLabel])
	require.Equal(t, "front", pod.Labels["tier"])
	require.Equal(t, "hello", pod.Annotations["example.org/note"])
	require.EqualValues(t, 1, *pod.Spec.TerminationGracePeriodSeconds)
	require.Len(t, pod.Spec.Containers, 2)
	main := pod.Spec.Containers[0]
	require.Equal(t, "web", main.Name)
	require.Equal(t, "registry.k8s.io/pause:3.9", main.Image)
	require.Equal(t, []string{"/pause"}, main.Command)
	require.Equal(t, []string{"-v"}, main.Args)
	require.ElementsMatch(t, []corev1.EnvVar{{Name: "COLOR", Value: "blue"}, {Name: "SIZE", Value: "large"}, {Name: "CANARY", Value: inprocess.Canary}}, main.Env)
	require.Equal(t, []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}}, main.Ports)
	require.True(t, main.Resources.Requests.Cpu().Equal(resource.MustParse("10m")))

	status := s.instance("web").Status
	require.Equal(t, pod.UID, status.PodUID)
	require.Equal(t, pod.Status.PodIP, status.PodIP)
	require.NotEmpty(t, status.PodIP)
	require.Equal(t, corev1.PodRunning, status.Phase)
	require.Equal(t, pod.Spec.NodeName, status.NodeName)
	require.NotEmpty(t, status.NodeName)
	require.True(t, status.Ready)
	require.Len(t, status.Containers, 2)
	require.Equal(t, "/api/v1/namespaces/"+s.domain+"/pods/web", status.BackendHandle)
}

// awaitOther waits until the environment's instance has another pod than before, and
// shows it as ready.
func (s *env) awaitOther(before *corev1.Pod) *corev1.Pod {
	s.Helper()
	after := testkit.Await(s, s.pods().Get, before.Name, func(p *corev1.Pod) bool {
		return p.UID != before.UID && p.DeletionTimestamp == nil
	})
	testkit.Await(s, s.xos.XosV1().KubernetesServiceInstances(s.home).Get, before.Name, func(i *xosv1.KubernetesServiceInstance) bool {
		return i.Status.PodUID == after.UID && i.Status.Ready
	})
	s.ready("KubernetesServiceInstance", before.Name)
	return after
}

// start makes the instance web, and returns its pod.
func (s *env) start(manifest string) *corev1.Pod {
	s.Helper()
	s.apply(manifest)
	s.ready("KubernetesServiceInstance", "web")
	return testkit.Must(s, s.pods().Get, "web")
}

func TestADeletedPodIsRecreated(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(`
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
			s.ready("KubernetesServiceInstance", "web")
			pod := testkit.Must(s, s.pods().Get, "web")
			require.NoError(t, s.pods().Delete(t.Context(), "web", metav1.DeleteOptions{}))
			s.awaitOther(pod)
		})
	}
}

func TestAnEvictedPodIsRecreated(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  imageReference: "registry.k8s.io/pause:3.9"
  template: {spec: {restartPolicy: Never}}`)
	_, err := s.pods().Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"status":{"phase":"Failed","reason":"Evicted","message":"the node was low on memory"}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	s.awaitOther(pod)
}

func TestAPodThatFailedByItselfIsKeptAndReportedAsFailed(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	pod := s.start(`
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  imageReference: "registry.k8s.io/pause:3.9"
  template: {spec: {restartPolicy: Never}}`)
	_, err := s.pods().Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"status":{"phase":"Failed","reason":"Error","message":"exit code 1"}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonFailed, "pod $domain/web failed: Error: exit code 1")
	s.settled(0)
	require.Equal(t, pod.UID, testkit.Must(s, s.pods().Get, "web").UID)
}

// One status write for each change of what the status shows, none for others.
func TestAPodsChangesCostAStatusWriteOnlyWhereTheStatusShowsThem(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.start(web)
	s.settled(0)

	mark := s.manager.Mark()
	_, err := s.pods().Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"metadata":{"annotations":{"example.org/seen":"yes"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	_, err = s.pods().Patch(t.Context(), "web", types.StrategicMergePatchType,
		[]byte(`{"status":{"conditions":[{"type":"example.org/Gate","status":"True"}]}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	require.Empty(t, s.settled(mark), "neither is in the status")

	_, err = s.pods().Patch(t.Context(), "web", types.StrategicMergePatchType,
		[]byte(`{"status":{"conditions":[{"type":"Ready","status":"False"}]}}`), metav1.PatchOptions{}, "status")
	require.NoError(t, err)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonProgressing)
	require.Equal(t, []string{"patch kubernetesserviceinstances/status web"}, s.settled(mark).Lines())
}

func TestAnInstanceEndsWithItsPod(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(`
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
			s.ready("KubernetesServiceInstance", "web")
			s.delete("KubernetesServiceInstance", "web")
			testkit.AwaitGone(s, s.pods().Get, "web")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesServiceInstances(s.home).Get, "web")
		})
	}
}
