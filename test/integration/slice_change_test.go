package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestASliceThatChangesItsKindHasTheOldControllerGoneFirst(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	mark := s.manager.Mark()
	s.apply(`
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: StatefulSet
  controllerReplicaCount: 1
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`)
	await(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "web", nil)
	awaitGone(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")
	s.ready("Slice", "web")
	left, err := s.pods().List(t.Context(), metav1.ListOptions{LabelSelector: appsv1.DefaultDeploymentUniqueLabelKey})
	require.NoError(t, err)
	require.Empty(t, left.Items, "pods of the old controller and of the new one never run side by side")
	require.True(t, s.sent(mark).Of("delete", "deployments")[0].Time.Before(s.sent(mark).Of("create", "statefulsets")[0].Time))

	s.apply("kind: Slice\nmetadata: {name: web}\nspec: {trustDomain: $domain}\n")
	awaitGone(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "web")
	s.ready("Slice", "web")
	status := s.slice("web").Status
	require.Equal(t, xosv1.SliceStatus{ObjectStatus: status.ObjectStatus}, status, "nothing is left of the controller")
}

func TestAFieldThatCannotChangeIsToldOrTheControllerReplaced(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	job := func(image, policy string) string {
		return fmt.Sprintf(`
kind: Slice
metadata: {name: once}
spec:
  trustDomain: $domain
  controllerKind: Job
  immutableFieldPolicy: %s
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: %s}]}}
`, policy, image)
	}
	jobs := s.kube.BatchV1().Jobs(s.domain)
	s.apply(job("registry.example/once:1", "Fail"))
	s.ready("Slice", "once")
	first := must(s, jobs.Get, "once")
	s.apply(job("registry.example/once:2", "Fail"))
	s.unready("Slice", "once", xosv1.ReasonInvalid, "spec.template", "Job", "immutableFieldPolicy")
	require.Equal(t, first.UID, must(s, jobs.Get, "once").UID)
	s.apply(job("registry.example/once:2", "Recreate"))
	s.ready("Slice", "once")
	second := must(s, jobs.Get, "once")
	require.NotEqual(t, first.UID, second.UID)
	require.Equal(t, "registry.example/once:2", second.Spec.Template.Spec.Containers[0].Image)
}

func TestAConfigMapsChangeRollsThePodsWhereTheSliceAsksForIt(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	content := func(value string) string {
		return fmt.Sprintf(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: %s}}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {slice: web, configMap: settings, mountPath: /etc/settings}
`, value)
	}
	s.apply(content("blue") + "---" + webSlice + "  controllerReplicaCount: 1\n  rolloutOnChange: true\n")
	s.ready("KubernetesConfigVolumeMount", "settings")
	s.ready("Slice", "web")
	deployments := s.kube.AppsV1().Deployments(s.domain)
	revision := func(d *appsv1.Deployment) string { return d.Spec.Template.Annotations[xosv1.RevisionAnnotation] }
	before := await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool { return revision(d) != "" })
	s.apply(content("red"))
	await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool {
		return revision(d) != revision(before) && d.Status.ObservedGeneration > before.Generation
	})
}
