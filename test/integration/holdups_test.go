package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// The status reports what blocks an object.

// hold makes a ConfigMap with a finalizer that no client removes, and returns how to.
func (s *env) hold(name string) (letGo func()) {
	s.Helper()
	_, err := s.configMaps().Create(s.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Finalizers: []string{"example.org/bucket-cleanup"}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	letGo = func() {
		_, _ = s.configMaps().Patch(s.Context(), name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	}
	return letGo
}

func TestATrustDomainReportsWhatBlocksItsNamespacesDeletion(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	letGo := s.hold("held")
	defer letGo()
	require.NoError(t, s.xos.XosV1().TrustDomains().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	s.unready("TrustDomain", s.domain, xosv1.ReasonTerminating, "Namespace $domain",
		"example.org/bucket-cleanup in 1 resource instances", "configmaps. has 1 resource instances")
	require.Equal(t, "Terminating", testkit.Must(s, s.xos.XosV1().TrustDomains().Get, s.domain).Status.Phase)
	letGo()
	testkit.AwaitGone(s, s.xos.XosV1().TrustDomains().Get, s.domain)
	testkit.AwaitGone(s, s.namespaces().Get, s.domain)
}

func TestADeletedNamespaceReportsWhatBlocksItsDeletion(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	letGo := s.hold("held")
	defer letGo()
	require.NoError(t, s.namespaces().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	s.unready("TrustDomain", s.domain, xosv1.ReasonProgressing, "namespace $domain is being deleted and will be recreated", "example.org/bucket-cleanup")
	letGo()
	s.ready("TrustDomain", s.domain)
}

func TestADeletionThatAFinalizerBlocksIsReported(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings)
			s.ready("KubernetesConfigMap", "settings")
			finalizers := func(list string) {
				_, err := s.configMaps().Patch(t.Context(), "settings", types.MergePatchType, []byte(`{"metadata":{"finalizers":`+list+`}}`), metav1.PatchOptions{})
				require.NoError(t, err)
			}
			finalizers(`["example.org/x"]`)

			require.NoError(t, s.configMaps().Delete(t.Context(), "settings", metav1.DeleteOptions{}))
			s.unready("KubernetesConfigMap", "settings", xosv1.ReasonProgressing,
				"ConfigMap $domain/settings is being deleted and will be recreated: held by the finalizer example.org/x")
			finalizers(`null`)
			s.ready("KubernetesConfigMap", "settings")

			finalizers(`["example.org/x"]`)
			foreground := metav1.DeletePropagationForeground
			require.NoError(t, s.xos.XosV1().KubernetesConfigMaps(s.home).Delete(t.Context(), "settings", metav1.DeleteOptions{PropagationPolicy: &foreground}))
			s.unready("KubernetesConfigMap", "settings", xosv1.ReasonTerminating,
				"waits for the end of ConfigMap $domain/settings, held by the finalizer example.org/x")
			finalizers(`null`)
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
		})
	}
}

func TestAnotherClientsFinalizerOnTheObjectIsReported(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(strings.Replace(settings, "name: settings", "name: settings, finalizers: [example.org/x]", 1))
	s.ready("KubernetesConfigMap", "settings")
	s.delete("KubernetesConfigMap", "settings")
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonTerminating, "being deleted: held by the finalizer example.org/x")
	_, err := s.xos.XosV1().KubernetesConfigMaps(s.home).Patch(t.Context(), "settings", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
}

func pauseSlice(image string) string {
	return `
kind: Slice
metadata: {name: web}
spec:
  trustDomain: $domain
  controllerKind: Deployment
  controllerReplicaCount: 2
  template: {spec: {containers: [{name: web, image: "registry.k8s.io/pause:` + image + `"}]}}
`
}

func TestAPausedRolloutIsReportedAndNotResumed(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(pauseSlice("3.9"))
	s.ready("Slice", "web")
	pause := func(paused string) {
		_, err := s.kube.AppsV1().Deployments(s.domain).Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(`{"spec":{"paused":`+paused+`}}`),
			metav1.PatchOptions{FieldManager: "kubectl-rollout"})
		require.NoError(t, err)
	}
	pause("true")
	s.settled(0)
	s.ready("Slice", "web")

	s.apply(pauseSlice("3.10"))
	s.unready("Slice", "web", xosv1.ReasonSuspended, "the Deployment is paused: 0 of 2 pods have the new template", "kubectl rollout resume deployment/web -n $domain")
	s.settled(0)
	require.True(t, s.deployment("web", nil).Spec.Paused)

	pause("false")
	s.ready("Slice", "web")
	pods, err := s.pods().List(t.Context(), metav1.ListOptions{LabelSelector: xosv1.SliceLabel + "=web", FieldSelector: "status.phase=Running"})
	require.NoError(t, err)
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil {
			require.Equal(t, "registry.k8s.io/pause:3.10", pod.Spec.Containers[0].Image)
		}
	}
}

func TestAPodOfAFormerTemplateThatBlocksAStatefulSetIsNamed(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	database := func(more string) string {
		return `
kind: Slice
metadata: {name: db}
spec:
  trustDomain: $domain
  controllerKind: StatefulSet
  controllerReplicaCount: 2
  template: {spec: {` + more + `containers: [{name: db, image: "registry.k8s.io/pause:3.10"}]}}
`
	}
	s.apply(database("nodeSelector: {example.org/disk: no-node-has-this}, "))
	s.unready("Slice", "db", xosv1.ReasonProgressing, "0 of 2 pods are ready: Unschedulable")
	s.apply(database(""))
	c := s.awaitReady("Slice", "db", func(c metav1.Condition) bool { return strings.Contains(c.Message, "former template") })
	require.Contains(t, c.Message, "kubectl delete pod db-0 -n "+s.domain)
	require.NotContains(t, c.Message, "Unschedulable", "that is the former template's trouble")
	testkit.Await(s, s.kube.AppsV1().StatefulSets(s.domain).Get, "db", func(d *appsv1.StatefulSet) bool { return d.Status.CurrentReplicas <= 1 })
	require.NoError(t, s.pods().Delete(t.Context(), "db-0", metav1.DeleteOptions{}))
	s.ready("Slice", "db")
}
