package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestAKeyThatKubectlDeclaredTooGoesWhenTakenOut(t *testing.T) {
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
		require.Equal(t, want, testkit.Must(t, maps.Get, "options").Data)
	}
	taken("color: blue, legacy: 'yes'") // another value than theirs, too
	is(map[string]string{"color": "blue", "legacy": "yes", "theirs": "stays"})
	taken("color: blue")
	is(map[string]string{"color": "blue", "theirs": "stays"})

	// What was released and is adopted again does not conflict with another client.
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: options}\nspec: {xosManaged: false}")
	testkit.Await(t, maps.Get, "options", func(m *corev1.ConfigMap) bool { return len(m.Annotations) == 0 })
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: options}\nspec: {xosManaged: true, adopt: IfUnowned, data: {color: green, size: large}}")
	s.ready("KubernetesConfigMap", "options")
	is(map[string]string{"color": "green", "size": "large", "theirs": "stays"})
	taken("size: large")
	is(map[string]string{"size": "large", "theirs": "stays"})
}

func TestWhatIsHandedBackCarriesNoLabelOfOurs(t *testing.T) {
	t.Parallel()
	for name, handBack := range map[string]func(s *env){
		"to its record": func(s *env) {
			s.apply("kind: Slice\nmetadata: {name: of-deployment}\nspec: {trustDomain: $domain, xosManaged: false}")
		},
		"as an orphan": func(s *env) {
			s.apply(sliceOf("Deployment", "", "service: shop\n  deletionPolicy: Orphan"))
			s.ready("Slice", "of-deployment")
			s.delete("Slice", "of-deployment")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sameNamespace(t)
			s.apply("kind: Service\nmetadata: {name: shop}\n---" + sliceOf("Deployment", "", "service: shop"))
			s.ready("Slice", "of-deployment")
			before := s.deployment("of-deployment", nil)
			handBack(s)
			after := s.deployment("of-deployment", func(d *appsv1.Deployment) bool { return d.Annotations[xosv1.OwnerAnnotation] == "" })
			require.Empty(t, after.Labels)
			require.Empty(t, after.OwnerReferences)
			require.Equal(t, before.Spec, after.Spec, "its pods run on")
		})
	}
}

func TestARemovedKeyThatAnotherApplierHoldsIsReported(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	settings := func(data string) string {
		return "kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {trustDomain: $domain, data: {" + data + "}}"
	}
	s.apply(settings("color: blue, size: large"))
	s.ready("KubernetesConfigMap", "settings")
	_, err := maps.Apply(t.Context(), corev1ac.ConfigMap("settings", s.domain).WithData(map[string]string{"size": "large"}), metav1.ApplyOptions{FieldManager: "kustomize-controller"})
	require.NoError(t, err)
	s.apply(settings("color: blue"))
	reports := func(words string) {
		t.Helper()
		s.awaitReady("KubernetesConfigMap", "settings", func(c metav1.Condition) bool {
			return c.Status == metav1.ConditionTrue && strings.HasSuffix(c.Message, s.fill(words))
		})
	}
	const keeps = "ConfigMap $domain/settings keeps what is declared no longer and held by others (data.size by kustomize-controller): have them give it up"
	reports(keeps)
	require.Equal(t, map[string]string{"color": "blue", "size": "large"}, testkit.Must(t, maps.Get, "settings").Data)
	s.settled(0)
	reports(keeps)

	s.apply(settings("color: green"))
	testkit.Await(t, maps.Get, "settings", func(m *corev1.ConfigMap) bool { return m.Data["color"] == "green" })
	reports(keeps)
	_, err = maps.Apply(t.Context(), corev1ac.ConfigMap("settings", s.domain), metav1.ApplyOptions{FieldManager: "kustomize-controller"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"color": "green"}, testkit.Must(t, maps.Get, "settings").Data)
	s.apply(settings("color: red"))
	testkit.Await(t, maps.Get, "settings", func(m *corev1.ConfigMap) bool { return m.Data["color"] == "red" })
	s.awaitReady("KubernetesConfigMap", "settings", func(c metav1.Condition) bool { return !strings.Contains(c.Message, "keeps") })
}
