package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

const settings = `
kind: KubernetesConfigMap
metadata: {name: settings}
spec:
  trustDomain: $domain
  data: {color: blue, size: large}
`

// ConfigMaps are the native ConfigMaps of the environment's trust domain.
func (s *env) configMaps() corev1client.ConfigMapInterface {
	return s.kube.CoreV1().ConfigMaps(s.domain)
}

func TestAConfigMapFollowsItsSpec(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	made := testkit.Must(s, s.configMaps().Get, "settings")
	require.Equal(t, map[string]string{"color": "blue", "size": "large"}, made.Data)
	require.Equal(t, xosv1.ManagedByValue, made.Labels[xosv1.ManagedByLabel])
	require.Equal(t, "/api/v1/namespaces/"+s.domain+"/configmaps/settings",
		testkit.Must(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings").Status.BackendHandle)

	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec:
  trustDomain: $domain
  data: {color: red}
  binaryData: {logo: AAECAw==}
`)
	s.ready("KubernetesConfigMap", "settings")
	changed := testkit.Must(s, s.configMaps().Get, "settings")
	require.Equal(t, map[string]string{"color": "red"}, changed.Data, "a key that is taken out goes, at the first change after the creation too")
	require.Equal(t, map[string][]byte{"logo": {0, 1, 2, 3}}, changed.BinaryData)
	require.Equal(t, made.UID, changed.UID)

	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec:
  trustDomain: $domain
  data: {size: small}
`)
	s.ready("KubernetesConfigMap", "settings")
	changed = testkit.Must(s, s.configMaps().Get, "settings")
	require.Equal(t, map[string]string{"size": "small"}, changed.Data)
	require.Empty(t, changed.BinaryData)
}

func TestAManualEditIsReverted(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")

	_, err := s.configMaps().Patch(t.Context(), "settings", types.MergePatchType,
		[]byte(`{"data":{"color":"green"}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(t, err)
	testkit.Await(s, s.configMaps().Get, "settings", func(m *corev1.ConfigMap) bool { return m.Data["color"] == "blue" })

	_, err = s.configMaps().Patch(t.Context(), "settings", types.MergePatchType,
		[]byte(`{"data":{"size":null}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(t, err)
	testkit.Await(s, s.configMaps().Get, "settings", func(m *corev1.ConfigMap) bool { return m.Data["size"] == "large" })
	s.ready("KubernetesConfigMap", "settings")
}

func TestADeletedConfigMapIsRecreated(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	first := testkit.Must(s, s.configMaps().Get, "settings")

	require.NoError(t, s.configMaps().Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	second := testkit.Await(s, s.configMaps().Get, "settings", func(m *corev1.ConfigMap) bool { return m.UID != first.UID })
	require.Equal(t, first.Data, second.Data)
}

func TestAnImmutableConfigMapIsMadeImmutable(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {data: {color: blue}, immutable: true}
`)
	s.ready("KubernetesConfigMap", "settings")
	made := testkit.Must(s, s.configMaps().Get, "settings")
	require.NotNil(t, made.Immutable)
	require.True(t, *made.Immutable)
}
