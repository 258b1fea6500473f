package manifests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestAKeyThatKubectlAppliedTooGoesWhenItIsTakenOut(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	_, err := maps.Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "settings", Annotations: adoptable},
		Data:       map[string]string{"color": "red", "legacy": "yes", "theirs": "stays"},
	}, metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"})
	require.NoError(t, err)
	taken := func(data string) {
		s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {"+data+"}}", func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
		s.ready("blob")
	}
	taken("color: blue, legacy: 'yes'")
	taken("color: blue")
	require.Equal(t, map[string]string{"color": "blue", "theirs": "stays"}, testkit.Await(t, maps.Get, "settings", nil).Data)

	// What was given up and is adopted again does not conflict with another client.
	s.delete("blob")
	require.NotContains(t, testkit.Await(t, maps.Get, "settings", nil).Annotations, xosv1.OwnerAnnotation)
	taken("color: green, size: large")
	taken("size: large")
	require.Equal(t, map[string]string{"size": "large", "theirs": "stays"}, testkit.Await(t, maps.Get, "settings", nil).Data)
}

func TestAVariableThatKubectlAppliedTooGoesWhenTakenOut(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	deployments := s.kube.AppsV1().Deployments(s.domain)
	labels := map[string]string{"app": "web"}
	_, err := deployments.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Annotations: adoptable},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
				Containers: []corev1.Container{{Name: "web", Image: "x", Env: []corev1.EnvVar{{Name: "LEGACY", Value: "yes"}, {Name: "COLOR", Value: "blue"}}}},
			}},
		},
	}, metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"})
	require.NoError(t, err)
	taken := func(env string) {
		s.apply("web", `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}},
			template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: x, env: [`+env+`]}]}}}}`,
			func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
		s.ready("web")
	}
	taken("{name: LEGACY, value: 'yes'}, {name: COLOR, value: blue}")
	taken("{name: COLOR, value: blue}")
	require.Equal(t, []corev1.EnvVar{{Name: "COLOR", Value: "blue"}}, testkit.Await(t, deployments.Get, "web", nil).Spec.Template.Spec.Containers[0].Env)
}

func TestARemovedKeyThatAnotherApplierHoldsIsReported(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	maps := s.kube.CoreV1().ConfigMaps(s.domain)
	s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: blue, size: large}}")
	s.ready("blob")
	_, err := maps.Apply(t.Context(), corev1ac.ConfigMap("settings", s.domain).WithData(map[string]string{"size": "large"}), metav1.ApplyOptions{FieldManager: "kustomize-controller"})
	require.NoError(t, err)
	s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: blue}}")
	s.until("blob", func(i instance) bool {
		c := meta.FindStatusCondition(i.Status.Conditions, xosv1.ConditionReady)
		return c.Status == metav1.ConditionTrue && strings.Contains(c.Message,
			"/settings: it keeps what is declared no longer and held by others (data.size by kustomize-controller): have them give it up")
	})
}
