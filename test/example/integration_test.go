package example

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

const greetings = "greetings"

func (s *env) greetings() dynamic.ResourceInterface {
	return s.dynamic.Resource(schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "greetings"}).Namespace(greetings)
}

// installGreetings applies what the program needs, and returns a function that starts it as its own account.
func (s *env) installGreetings() (start func() *program.Process) {
	s.Helper()
	s.applyFiles("examples/integration/crd.yaml", "examples/integration/rights.yaml")
	s.Cleanup(func() { // the test's own context has ended by then
		assert.NoError(s, s.xos.XosV1().TrustDomains().Delete(context.Background(), greetings, metav1.DeleteOptions{}))
	})
	binary, account := build(s.T, "examples/integration"), s.account("greetings-system", greetings)
	return func() *program.Process {
		p := program.Start(s, "integration", binary, account, "--kafka-brokers="+s.broker)
		s.Cleanup(func() {
			if s.Failed() {
				s.Logf("the log of the program:\n%s", p.Log())
			}
		})
		return p
	}
}

// awaitDomain waits for the namespace that the program makes.
func (s *env) awaitDomain() {
	s.Helper()
	testkit.Await(s, s.xos.XosV1().TrustDomains().Get, greetings, func(d *xosv1.TrustDomain) bool {
		return meta.IsStatusConditionTrue(d.Status.Conditions, xosv1.ConditionReady)
	})
}

// greeting waits until a greeting's status is as a function wants it.
func (s *env) greeting(name string, want func(status map[string]any) bool) map[string]any {
	s.Helper()
	get := func(ctx context.Context, name string, options metav1.GetOptions) (*unstructured.Unstructured, error) {
		return s.greetings().Get(ctx, name, options)
	}
	found := testkit.Await(s, get, name, func(u *unstructured.Unstructured) bool {
		status, ok := u.Object["status"].(map[string]any)
		return ok && want(status)
	})
	return found.Object["status"].(map[string]any)
}

func TestTheIntegrationServesGreetings(t *testing.T) {
	s := newEnv(t)
	start := s.installGreetings()
	p := start()
	s.awaitDomain()
	s.sub("from the file to the end", followAGreeting)
	s.sub("a secret that comes later, and is never seen", awaitASecret)

	// What begins while the program is not there is announced to the next one.
	before := s.greeting("sealed", announced)
	p.Kill()
	s.losePod("sealed")
	start()
	s.greeting("sealed", func(status map[string]any) bool { return status["announced"] != before["announced"] })
}

func announced(status map[string]any) bool {
	return status["ready"] == true && status["announced"] != nil
}

// losePod deletes a pod, and waits until there is another one.
func (s *env) losePod(name string) {
	s.Helper()
	lost := testkit.Must(s, s.pods().Get, name)
	require.NoError(s, s.pods().Delete(s.Context(), name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}))
	testkit.Await(s, s.pods().Get, name, func(p *corev1.Pod) bool { return p.UID != lost.UID && p.Status.PodIP != "" })
}

// sub runs a test on the same cluster.
func (s *env) sub(name string, test func(*env)) {
	s.Run(name, func(t *testing.T) {
		own := *s
		own.T = t
		test(&own)
	})
}

func followAGreeting(s *env) {
	s.applyFiles("examples/integration/greeting.yaml")

	// The page is in the pod, and the greeting says where.
	first := s.greeting("hello", announced)
	pod := testkit.Must(s, s.pods().Get, "hello")
	require.Equal(s, pod.Status.PodIP, first["address"])
	require.Equal(s, "nginx:1.29-alpine", pod.Spec.Containers[0].Image)
	require.Equal(s, map[string]string{"/usr/share/nginx/html": "hello"}, mounted(pod))
	page := testkit.Must(s, s.kube.CoreV1().ConfigMaps(greetings).Get, "hello")
	require.Contains(s, page.Data["index.html"], "<p>Hello, world</p>")

	// Another message reaches the page, and the pod stays.
	_, err := s.greetings().Patch(s.Context(), "hello", types.MergePatchType, []byte(`{"spec":{"message":"Hello & goodbye"}}`), metav1.PatchOptions{})
	require.NoError(s, err)
	testkit.Await(s, s.kube.CoreV1().ConfigMaps(greetings).Get, "hello", func(m *corev1.ConfigMap) bool {
		return m.Data["index.html"] == "<!doctype html><title>Greeting</title><p>Hello &amp; goodbye</p>\n"
	})
	require.Equal(s, pod.UID, testkit.Must(s, s.pods().Get, "hello").UID)

	// A pod that takes the place of a lost one is announced, and reported.
	s.losePod("hello")
	address := testkit.Must(s, s.pods().Get, "hello").Status.PodIP // which may be that of the lost one
	s.greeting("hello", func(status map[string]any) bool {
		return announced(status) && status["address"] == address && status["announced"] != first["announced"]
	})

	// With the greeting go its models, and with those the pod.
	require.NoError(s, s.greetings().Delete(s.Context(), "hello", metav1.DeleteOptions{}))
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesServiceInstances(greetings).Get, "hello")
	testkit.AwaitGone(s, s.pods().Get, "hello")
	testkit.AwaitGone(s, s.kube.CoreV1().ConfigMaps(greetings).Get, "hello")
}

func awaitASecret(s *env) {
	_, err := s.greetings().Create(s.Context(), &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.org/v1", "kind": "Greeting", "metadata": map[string]any{"name": "sealed"},
		"spec": map[string]any{"message": "Psst", "secret": "keys"},
	}}, metav1.CreateOptions{})
	require.NoError(s, err)
	s.greeting("sealed", func(status map[string]any) bool {
		return status["ready"] == false && status["message"] == "KubernetesSecret sealed is not ready: see its conditions"
	})

	_, err = s.kube.CoreV1().Secrets(greetings).Create(s.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "keys"}, StringData: map[string]string{"key": "open-sesame"},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	s.greeting("sealed", func(status map[string]any) bool { return status["ready"] == true })
	pod := testkit.Must(s, s.pods().Get, "sealed")
	require.Equal(s, map[string]string{"/usr/share/nginx/html": "sealed", "/etc/greeting": "sealed"}, mounted(pod))
	copied := testkit.Must(s, s.kube.CoreV1().Secrets(greetings).Get, "sealed")
	require.Equal(s, "open-sesame", string(copied.Data["key"]))
	require.Empty(s, testkit.Must(s, s.xos.XosV1().KubernetesSecrets(greetings).Get, "sealed").Spec.StringData)
}

func (s *env) pods() typedcorev1.PodInterface { return s.kube.CoreV1().Pods(greetings) }

// mounted are the sources of a pod's files, by path, without the token of its account.
func mounted(pod *corev1.Pod) map[string]string {
	sources := map[string]string{}
	for _, volume := range pod.Spec.Volumes {
		switch {
		case volume.ConfigMap != nil:
			sources[volume.Name] = volume.ConfigMap.Name
		case volume.Secret != nil:
			sources[volume.Name] = volume.Secret.SecretName
		}
	}
	places := map[string]string{}
	for _, mount := range pod.Spec.Containers[0].VolumeMounts {
		if source, ok := sources[mount.Name]; ok {
			places[mount.MountPath] = source
		}
	}
	return places
}

// account is a configuration that acts as a ServiceAccount.
func (s *env) account(namespace, name string) *rest.Config {
	s.Helper()
	token, err := s.kube.CoreV1().ServiceAccounts(namespace).CreateToken(s.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(s, err)
	config := rest.AnonymousClientConfig(plane.Shared(s).Config())
	config.BearerToken = token.Status.Token
	return config
}

// build builds a program of the repository and returns its path.
func build(t *testing.T, path string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), filepath.Base(path))
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, filepath.Join(root, path)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// applyFiles applies manifests of the repository, and waits until they have taken effect.
func (s *env) applyFiles(paths ...string) {
	s.Helper()
	for _, path := range paths {
		objects, err := manifests.ReadFiles(filepath.Join(root, path))
		require.NoError(s, err)
		for _, object := range objects {
			require.NoError(s, s.user.Apply(s.Context(), object, "user"), "%s: %s", path, manifests.Describe(object))
			s.awaitReady(path, object)
		}
	}
}
