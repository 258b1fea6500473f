package integration

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// mayBind gives the deployed manager the right to bind a role, as docs/security.md
// instructs an operator.
func (s *env) mayBind(role string) {
	s.Helper()
	name := "xos-controller-manager-bind-" + s.domain
	_, err := s.kube.RbacV1().ClusterRoles().Create(s.Context(), &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"clusterroles"}, Verbs: []string{"bind"}, ResourceNames: []string{role}}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	_, err = s.kube.RbacV1().ClusterRoleBindings().Create(s.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "xos-system", Name: "xos-controller-manager"}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	s.Cleanup(func() {
		ctx := context.Background()
		require.NoError(s, s.kube.RbacV1().ClusterRoleBindings().Delete(ctx, name, metav1.DeleteOptions{}))
		require.NoError(s, s.kube.RbacV1().ClusterRoles().Delete(ctx, name, metav1.DeleteOptions{}))
	})
}

func TestARoleThatMayNotBeBoundIsReportedWithTheWayOut(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	role := "operator-of-" + s.domain
	_, err := s.kube.RbacV1().ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: role},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"example.org"}, Resources: []string{"widgets"}, Verbs: []string{"get"}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.kube.RbacV1().ClusterRoles().Delete(context.Background(), role, metav1.DeleteOptions{}))
	})
	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {allowedRoles: [` + role + `]}`)
	s.apply("kind: Principal\nmetadata: {name: account}\nspec: {roles: [" + role + "]}")
	s.unready("Principal", "account", xosv1.ReasonForbidden, `create RoleBinding `+s.domain+`/xos:account:`+role+
		`: rolebindings.rbac.authorization.k8s.io "xos:account:`+role+`" is forbidden: the manager may not bind this role. `+
		`Have an administrator give it the verb bind on the ClusterRole (docs/security.md), or take the role out of spec.roles and out of the TrustDomain's spec.allowedRoles`)
	require.Empty(t, s.roles())

	s.mayBind(role)
	s.ready("Principal", "account")
	require.Equal(t, []string{role}, s.roles())
}

func TestARoleBindingThatAnotherClientEmptiesIsRepaired(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: Principal\nmetadata: {name: account}\nspec: {roles: [view]}")
	s.ready("Principal", "account")
	bindings := s.kube.RbacV1().RoleBindings(s.domain)
	_, err := bindings.Patch(t.Context(), "xos:account:view", types.MergePatchType, []byte(`{"subjects":null}`), metav1.PatchOptions{})
	require.NoError(t, err)
	testkit.Await(s, bindings.Get, "xos:account:view", func(b *rbacv1.RoleBinding) bool { return len(b.Subjects) == 1 })
}
