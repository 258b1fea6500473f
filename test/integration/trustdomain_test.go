package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const enforce = "pod-security.kubernetes.io/enforce"

// bare is an environment whose test makes the trust domain itself.
func bare(t *testing.T) *env {
	t.Helper()
	s := newEnv(t, plane.Shared(t).Config(), sharedManager(t))
	s.Cleanup(func() { s.forget("TrustDomain", s.domain) })
	return s
}

func (s *env) namespaces() corev1client.NamespaceInterface { return s.kube.CoreV1().Namespaces() }

// makeNamespace makes the namespace of an environment's domain, as another client would.
func (s *env) makeNamespace() *corev1.Namespace {
	s.Helper()
	made, err := s.namespaces().Create(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}, metav1.CreateOptions{})
	require.NoError(s, err)
	return made
}

func TestATrustDomainIsANamespaceWithItsLabels(t *testing.T) {
	t.Parallel()
	s := bare(t)
	s.apply(`
kind: TrustDomain
metadata: {name: $domain, labels: {argocd.argoproj.io/instance: app}}
spec:
  labels: {team: a, stage: test}
  annotations: {example.org/note: hello}
  podSecurity: baseline`)
	s.ready("TrustDomain", s.domain)
	made := testkit.Must(s, s.namespaces().Get, s.domain)
	require.Equal(t, "a", made.Labels["team"])
	require.Equal(t, "test", made.Labels["stage"])
	require.Equal(t, "baseline", made.Labels[enforce])
	require.Equal(t, "hello", made.Annotations["example.org/note"])
	require.NotContains(t, made.Labels, "argocd.argoproj.io/instance")
	status := testkit.Must(s, s.xos.XosV1().TrustDomains().Get, s.domain).Status
	require.Equal(t, s.domain, status.Namespace)
	require.Equal(t, "Active", status.Phase)

	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {labels: {team: b}, podSecurity: baseline}`)
	s.ready("TrustDomain", s.domain)
	changed := testkit.Must(s, s.namespaces().Get, s.domain)
	require.Equal(t, "b", changed.Labels["team"])
	require.NotContains(t, changed.Labels, "stage", "a label that is taken out disappears from the namespace")
	require.NotContains(t, changed.Annotations, "example.org/note")
}

func TestThePodSecurityLevelIsRestored(t *testing.T) {
	t.Parallel()
	s := bare(t)
	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {podSecurity: restricted}`)
	s.ready("TrustDomain", s.domain)
	for _, patch := range []string{
		fmt.Sprintf(`{"metadata":{"labels":{%q:"privileged"}}}`, enforce),
		fmt.Sprintf(`{"metadata":{"labels":{%q:null}}}`, enforce),
	} {
		_, err := s.namespaces().Patch(t.Context(), s.domain, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-label"})
		require.NoError(t, err)
		testkit.Await(s, s.namespaces().Get, s.domain, func(n *corev1.Namespace) bool { return n.Labels[enforce] == "restricted" })
	}
}

func TestANamespaceThatExistsIsNotTakenUnasked(t *testing.T) {
	t.Parallel()
	s := bare(t)
	s.makeNamespace()
	s.Cleanup(func() { _ = s.namespaces().Delete(t.Context(), s.domain, metav1.DeleteOptions{}) })
	before := testkit.Must(s, s.namespaces().Get, s.domain)
	s.apply("kind: TrustDomain\nmetadata: {name: $domain}\nspec: {labels: {team: a}}")
	s.unready("TrustDomain", s.domain, xosv1.ReasonNotOwned, "Namespace $domain exists", "spec.adopt")
	require.Equal(t, before.Labels, testkit.Must(s, s.namespaces().Get, s.domain).Labels)

	s.home = s.domain
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonReferenceNotFound, "namespace $domain is not TrustDomain $domain's")
}

func TestAnAdoptedNamespaceStaysUnlessItsDeletionIsWrittenOut(t *testing.T) {
	t.Parallel()
	for policy, stays := range map[string]bool{"": true, "deletionPolicy: Delete": false} {
		t.Run("with "+policy, func(t *testing.T) {
			t.Parallel()
			s := bare(t)
			made := s.makeNamespace()
			s.apply(fmt.Sprintf("kind: TrustDomain\nmetadata: {name: $domain}\nspec:\n  adopt: IfUnowned\n  labels: {team: a}\n  %s\n", policy))
			s.ready("TrustDomain", s.domain)
			adopted := testkit.Must(s, s.namespaces().Get, s.domain)
			require.Equal(t, made.UID, adopted.UID)
			require.Equal(t, "a", adopted.Labels["team"])
			require.Empty(t, adopted.OwnerReferences)

			s.delete("TrustDomain", s.domain)
			if !stays {
				testkit.AwaitGone(s, s.namespaces().Get, s.domain)
				return
			}
			testkit.AwaitGone(s, s.xos.XosV1().TrustDomains().Get, s.domain)
			s.settled(0)
			left := testkit.Must(s, s.namespaces().Get, s.domain)
			require.Equal(t, corev1.NamespaceActive, left.Status.Phase)
			requireReleased(t, left)
		})
	}
}

func TestTheDefaultNamespaceIsNeverDeleted(t *testing.T) {
	t.Parallel()
	s := bare(t)
	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {namespace: default, adopt: IfUnowned, deletionPolicy: Delete}`)
	s.ready("TrustDomain", s.domain)
	mark := s.manager.Mark()
	s.delete("TrustDomain", s.domain)
	testkit.AwaitGone(s, s.xos.XosV1().TrustDomains().Get, s.domain)
	require.Empty(t, s.settled(mark, "default").Of("delete", "namespaces"))
	left := testkit.Must(s, s.namespaces().Get, "default")
	require.Equal(t, corev1.NamespaceActive, left.Status.Phase)
	requireReleased(t, left)
}

func TestADeletedNamespaceIsRecreatedWithItsContent(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	first := testkit.Must(s, s.namespaces().Get, s.domain)
	require.NoError(t, s.namespaces().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	testkit.Await(s, s.namespaces().Get, s.domain, func(n *corev1.Namespace) bool {
		return n.UID != first.UID && n.Status.Phase == corev1.NamespaceActive
	})
	s.ready("TrustDomain", s.domain)
	testkit.Await(s, s.configMaps().Get, "settings", nil)
	s.ready("KubernetesConfigMap", "settings")
}
