package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
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

func (s *scene) slice(name string) *xosv1.Slice {
	s.Helper()
	return must(s, s.xos.XosV1().Slices(s.home).Get, name)
}

func TestASliceHasTheControllerItAsksFor(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	apps, batch := s.kube.AppsV1(), s.kube.BatchV1()
	for kind, c := range map[string]struct {
		more  string
		found func(name string)
	}{
		"Deployment":  {"controllerReplicaCount: 2", func(name string) { must(s, apps.Deployments(s.domain).Get, name) }},
		"StatefulSet": {"controllerReplicaCount: 2", func(name string) { must(s, apps.StatefulSets(s.domain).Get, name) }},
		"ReplicaSet":  {"controllerReplicaCount: 2", func(name string) { must(s, apps.ReplicaSets(s.domain).Get, name) }},
		"DaemonSet":   {"", func(name string) { must(s, apps.DaemonSets(s.domain).Get, name) }},
		"Job":         {"", func(name string) { must(s, batch.Jobs(s.domain).Get, name) }},
		"CronJob":     {`schedule: "0 3 * * *"`, func(name string) { must(s, batch.CronJobs(s.domain).Get, name) }},
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

func TestASlicesPodsCarryWhatTheSliceSays(t *testing.T) {
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
	template := must(s, s.kube.AppsV1().Deployments(s.domain).Get, "web").Spec.Template
	require.Equal(t, map[string]string{"tier": "front", xosv1.SliceLabel: "web", xosv1.ServiceLabel: "shop"}, template.Labels)
	require.Equal(t, "runner", template.Spec.ServiceAccountName)
	require.Equal(t, "/etc/settings", template.Spec.Containers[0].VolumeMounts[0].MountPath)
	require.Equal(t, "settings", template.Spec.Volumes[0].ConfigMap.Name)

	status := s.slice("web").Status
	require.Equal(t, []int32{1, 1, 1, 1}, []int32{status.DesiredReplicas, status.Replicas, status.UpdatedReplicas, status.ReadyReplicas})
	require.Equal(t, xosv1.SliceLabel+"=web", status.Selector)
}

func TestASliceIsScaledByItsScaleAndLeavesAnAutoscalersCountAlone(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	slices := s.xos.XosV1().Slices(s.home)
	scale, err := slices.GetScale(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, autoscalingv1.ScaleStatus{Replicas: 1, Selector: xosv1.SliceLabel + "=web"}, scale.Status)
	scale.Spec.Replicas = 3
	_, err = slices.UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{})
	require.NoError(t, err)
	deployments := s.kube.AppsV1().Deployments(s.domain)
	await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 3 })

	s.apply(`
kind: Slice
metadata: {name: free}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`)
	s.ready("Slice", "free")
	mark := s.manager.Mark()
	_, err = deployments.Patch(t.Context(), "free", types.MergePatchType, []byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{FieldManager: "autoscaler"})
	require.NoError(t, err)
	await(s, deployments.Get, "free", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 2 })
	require.Empty(t, s.settled(mark).To("deployments").Writes().Lines(), "a count that the spec leaves open is somebody else's")
}

func TestASliceThatChangesItsKindHasTheOldControllerGoneFirst(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.ready("Slice", "web")
	s.apply(`
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: StatefulSet
  controllerReplicaCount: 1
  template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}
`)
	made := await(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "web", nil)
	awaitGone(s, s.kube.AppsV1().Deployments(s.domain).Get, "web")
	s.ready("Slice", "web")
	require.NotEmpty(t, made.UID)
}

func TestADisabledSliceRunsNothingAndKeepsItsController(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(webSlice + "  controllerReplicaCount: 2\n")
	s.ready("Slice", "web")
	s.apply(webSlice + "  controllerReplicaCount: 2\n  enabled: false\n")
	deployments := s.kube.AppsV1().Deployments(s.domain)
	await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool { return *d.Spec.Replicas == 0 && d.Status.Replicas == 0 })
	s.apply(webSlice + "  controllerReplicaCount: 2\n  enabled: true\n")
	await(s, deployments.Get, "web", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 2 })
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

func TestWhatKeepsAWorkloadBackIsPassedOn(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	_, err := s.kube.CoreV1().ResourceQuotas(s.domain).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "no-pods"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	await(s, s.kube.CoreV1().ResourceQuotas(s.domain).Get, "no-pods", func(q *corev1.ResourceQuota) bool { return q.Status.Hard != nil })
	s.apply(webSlice + "  controllerReplicaCount: 1\n")
	s.unready("Slice", "web", xosv1.ReasonFailed, "exceeded quota: no-pods")
}

func TestASliceWithoutAControllerLimitsItsInstances(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	instance := func(name string) string {
		return fmt.Sprintf("---\nkind: KubernetesServiceInstance\nmetadata: {name: %s}\nspec: {slice: few, imageReference: registry.example/few:1}\n", name)
	}
	s.apply("kind: Slice\nmetadata: {name: few}\nspec: {trustDomain: $domain, maxInstances: 1}\n" + instance("a"))
	s.ready("KubernetesServiceInstance", "a")
	s.apply(instance("b"))
	s.unready("KubernetesServiceInstance", "b", xosv1.ReasonInvalid, "Slice few has 1 instances already", "maxInstances")
	await(s, s.xos.XosV1().Slices(s.home).Get, "few", func(slice *xosv1.Slice) bool { return slice.Status.Instances == 2 })
	s.delete("KubernetesServiceInstance", "a")
	s.ready("KubernetesServiceInstance", "b")
}

func TestADisabledSlicesInstancesHaveNoPods(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	slice := func(enabled bool) string {
		return fmt.Sprintf("kind: Slice\nmetadata: {name: few}\nspec: {trustDomain: $domain, enabled: %v}\n", enabled)
	}
	s.apply(slice(true) + "---\nkind: KubernetesServiceInstance\nmetadata: {name: a}\nspec: {slice: few, imageReference: registry.example/few:1}\n")
	s.ready("KubernetesServiceInstance", "a")
	s.apply(slice(false))
	awaitGone(s, s.kube.CoreV1().Pods(s.domain).Get, "a")
	s.unready("KubernetesServiceInstance", "a", xosv1.ReasonSuspended, "Slice few is disabled")
	s.apply(slice(true))
	s.ready("KubernetesServiceInstance", "a")
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
	before := await(s, deployments.Get, "theirs", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 1 })
	inventoried := func(managed bool, more string) string {
		return fmt.Sprintf("kind: Slice\nmetadata: {name: theirs}\nspec: {trustDomain: $domain, controllerKind: Deployment, adopt: IfUnowned, xosManaged: %v%s}\n", managed, more)
	}
	s.apply(inventoried(false, ""))
	s.apply(inventoried(true, ""))
	s.ready("Slice", "theirs")
	after := must(s, deployments.Get, "theirs")
	require.Equal(t, before.UID, after.UID)
	require.Equal(t, before.Spec, after.Spec, "no pod is restarted")
	require.Equal(t, "true", after.Annotations[xosv1.AdoptedAnnotation])
	s.apply(inventoried(true, ", controllerReplicaCount: 2"))
	await(s, deployments.Get, "theirs", func(d *appsv1.Deployment) bool { return d.Status.ReadyReplicas == 2 })
}
