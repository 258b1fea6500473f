package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAKeyThatAClientSideApplierDeclaredTooGoesWhenItIsTakenOut(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	_, err := maps.Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "options"}, Data: map[string]string{"color": "red", "legacy": "yes", "theirs": "stays"},
	}, metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"})
	require.NoError(t, err)
	taken := func(data string) {
		s.apply("kind: KubernetesConfigMap\nmetadata: {name: options}\nspec: {adopt: IfUnowned, data: {" + data + "}}")
		s.ready("KubernetesConfigMap", "options")
	}
	is := func(want map[string]string) {
		t.Helper()
		require.Equal(t, want, must(t, maps.Get, "options").Data)
	}
	taken("color: blue, legacy: 'yes'") // another value than theirs, too
	is(map[string]string{"color": "blue", "legacy": "yes", "theirs": "stays"})
	taken("color: blue")
	is(map[string]string{"color": "blue", "theirs": "stays"})

	// What was released and is adopted again is in nobody's way.
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: options}\nspec: {xosManaged: false}")
	await(t, maps.Get, "options", func(m *corev1.ConfigMap) bool { return len(m.Annotations) == 0 })
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: options}\nspec: {xosManaged: true, adopt: IfUnowned, data: {color: green, size: large}}")
	s.ready("KubernetesConfigMap", "options")
	is(map[string]string{"color": "green", "size": "large", "theirs": "stays"})
	taken("size: large")
	is(map[string]string{"size": "large", "theirs": "stays"})
}
