package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// roles are the ClusterRoles to which the environment's account is bound.
func (s *env) roles() []string {
	s.Helper()
	bindings, err := s.kube.RbacV1().RoleBindings(s.domain).List(s.Context(), metav1.ListOptions{})
	require.NoError(s, err)
	var roles []string
	for _, b := range bindings.Items {
		require.Equal(s, []rbacv1.Subject{{Kind: "ServiceAccount", Name: "account", Namespace: s.domain}}, b.Subjects)
		require.Equal(s, "ClusterRole", b.RoleRef.Kind)
		roles = append(roles, b.RoleRef.Name)
	}
	return roles
}

func TestAPrincipalIsAServiceAccountWithItsRoles(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			accounts := s.kube.CoreV1().ServiceAccounts(s.domain)
			s.apply(`
kind: Principal
metadata: {name: account}
spec: {trustDomain: $domain, roles: [view], imagePullSecrets: [registry, mirror], automountToken: false}`)
			s.ready("Principal", "account")
			made := testkit.Must(s, accounts.Get, "account")
			require.ElementsMatch(t, []corev1.LocalObjectReference{{Name: "registry"}, {Name: "mirror"}}, made.ImagePullSecrets)
			require.False(t, *made.AutomountServiceAccountToken)
			require.Equal(t, []string{"view"}, s.roles())

			s.apply(`
kind: Principal
metadata: {name: account}
spec: {trustDomain: $domain, roles: [edit], imagePullSecrets: [mirror]}`)
			s.ready("Principal", "account")
			changed := testkit.Must(s, accounts.Get, "account")
			require.Equal(t, made.UID, changed.UID)
			require.Equal(t, []corev1.LocalObjectReference{{Name: "mirror"}}, changed.ImagePullSecrets)
			require.Nil(t, changed.AutomountServiceAccountToken)
			require.Equal(t, []string{"edit"}, s.roles(), "a role that is taken out is not bound any more")

			s.delete("Principal", "account")
			testkit.AwaitGone(s, accounts.Get, "account")
			testkit.AwaitGone(s, s.xos.XosV1().Principals(s.home).Get, "account")
			s.settled(0)
			require.Empty(t, s.roles())
		})
	}
}

func TestARoleThatTheTrustDomainDoesNotAllowIsNotBound(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {allowedRoles: [view]}`)
	s.apply(`
kind: Principal
metadata: {name: account}
spec: {roles: [view, edit]}`)
	s.unready("Principal", "account", xosv1.ReasonNotAdmitted, "role edit is not among spec.allowedRoles of TrustDomain $domain")
	require.Empty(t, s.roles())

	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {allowedRoles: [view, edit]}`)
	s.ready("Principal", "account")
	require.ElementsMatch(t, []string{"view", "edit"}, s.roles())
	account := testkit.Must(s, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "account")

	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {allowedRoles: [view]}`)
	s.unready("Principal", "account", xosv1.ReasonNotAdmitted, "role edit is not among spec.allowedRoles of TrustDomain $domain")
	testkit.AwaitGone(s, s.kube.RbacV1().RoleBindings(s.domain).Get, "xos:account:edit")
	testkit.AwaitGone(s, s.kube.RbacV1().RoleBindings(s.domain).Get, "xos:account:view")
	require.Equal(t, account.UID, testkit.Must(s, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "account").UID, "who runs as it stays")
}

func TestADeletedRoleBindingIsRecreated(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: Principal\nmetadata: {name: account}\nspec: {roles: [view]}")
	s.ready("Principal", "account")
	bindings := s.kube.RbacV1().RoleBindings(s.domain)
	first := testkit.Must(s, bindings.Get, "xos:account:view")
	require.NoError(t, bindings.Delete(t.Context(), first.Name, metav1.DeleteOptions{}))
	testkit.Await(s, bindings.Get, first.Name, func(b *rbacv1.RoleBinding) bool { return b.UID != first.UID })
}
