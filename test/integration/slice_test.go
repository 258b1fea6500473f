package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// webSlice is a slice with a Deployment; more lines of its spec follow.
const webSlice = `
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`

func (s *env) slice(name string) *xosv1.Slice {
	s.Helper()
	return testkit.Must(s, s.xos.XosV1().Slices(s.home).Get, name)
}

// selectorOf is the selector of the pods of a slice's controller.
func (s *env) selectorOf(kind, name string) string {
	return labels.Set{xosv1.NamespaceLabel: s.home, xosv1.SliceLabel: name, xosv1.ControllerKindLabel: kind}.String()
}

func TestASliceHasTheControllerItAsksFor(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	apps, batch := s.kube.AppsV1(), s.kube.BatchV1()
	for kind, c := range map[string]struct {
		more  string
		found func(name string)
	}{
		"Deployment":  {"controllerReplicaCount: 2", func(name string) { testkit.Must(s, apps.Deployments(s.domain).Get, name) }},
		"StatefulSet": {"controllerReplicaCount: 2", func(name string) { testkit.Must(s, apps.StatefulSets(s.domain).Get, name) }},
		"ReplicaSet":  {"controllerReplicaCount: 2", func(name string) { testkit.Must(s, apps.ReplicaSets(s.domain).Get, name) }},
		"DaemonSet":   {"", func(name string) { testkit.Must(s, apps.DaemonSets(s.domain).Get, name) }},
		"Job":         {"", func(name string) { testkit.Must(s, batch.Jobs(s.domain).Get, name) }},
		"CronJob":     {`schedule: "0 3 * * *"`, func(name string) { testkit.Must(s, batch.CronJobs(s.domain).Get, name) }},
	} {
		restart := "Always"
		if kind == "Job" || kind == "CronJob" {
			restart = "Never"
		}
		name := "slice-of-" + fmt.Sprint(len(kind)) + "-letters"
		s.apply(fmt.Sprintf(`
kind: Slice
metadata: {name: %s}
spec:
  trustDomain: $domain
  controllerKind: %s
  %s
  template: {spec: {restartPolicy: %s, containers: [{name: main, image: registry.example/web:1}]}}
`, name, kind, c.more, restart))
		s.ready("Slice", name)
		c.found(name)
		require.NotEmpty(t, s.slice(name).Status.BackendHandle, kind)
		s.delete("Slice", name)
	}
}

func TestASlicesPodsHaveTheFieldsOfTheSlice(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: Principal
metadata: {name: runner}
spec: {trustDomain: $domain}
---
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {a: b}}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {slice: web, configMap: settings, mountPath: /etc/settings}
---
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  principal: runner
  service: shop
  controllerKind: Deployment
  controllerReplicaCount: 1
  template:
    metadata: {labels: {tier: front}}
    spec: {containers: [{name: main, image: registry.example/web:1}]}
`)
	s.ready("Slice", "web")
	template := testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, "web").Spec.Template
	require.Equal(t, map[string]string{"tier": "front", xosv1.NamespaceLabel: s.home, xosv1.SliceLabel: "web", xosv1.ServiceLabel: "shop", xosv1.ControllerKindLabel: "Deployment"}, template.Labels)
	require.Equal(t, "runner", template.Spec.ServiceAccountName)
	require.Equal(t, "/etc/settings", template.Spec.Containers[0].VolumeMounts[0].MountPath)
	require.Equal(t, "settings", template.Spec.Volumes[0].ConfigMap.Name)

	status := s.slice("web").Status
	require.Equal(t, []int32{1, 1, 1, 1}, []int32{ptr.Deref(status.DesiredReplicas, 0), status.Replicas, status.UpdatedReplicas, status.ReadyReplicas})
	require.Equal(t, s.selectorOf("Deployment", "web"), status.Selector)
}

func TestAnInventoriedSliceIsTakenOverWithoutARestart(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	labels := map[string]string{"app": "theirs"}
	deployments := s.kube.AppsV1().Deployments(s.domain)
	_, err := deployments.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "theirs"},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To[int32](1), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "registry.example/theirs:1"}}},
			},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	before := testkit.Await(s, deployments.Get, "theirs", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 1 })
	inventoried := func(managed bool, more string) string {
		return fmt.Sprintf("kind: Slice\nmetadata: {name: theirs}\nspec: {trustDomain: $domain, controllerKind: Deployment, adopt: IfUnowned, xosManaged: %v%s}\n", managed, more)
	}
	s.apply(inventoried(false, ""))
	s.apply(inventoried(true, ""))
	s.ready("Slice", "theirs")
	after := testkit.Must(s, deployments.Get, "theirs")
	require.Equal(t, before.UID, after.UID)
	require.Equal(t, before.Spec, after.Spec, "no pod is restarted")
	require.Equal(t, "true", after.Annotations[xosv1.AdoptedAnnotation])
	s.apply(inventoried(true, ", controllerReplicaCount: 2"))
	testkit.Await(s, deployments.Get, "theirs", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 2 })
}
