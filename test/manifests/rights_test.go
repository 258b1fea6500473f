package manifests

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// limited is a principal that has the rights that a test gives it.
const limited = "limited"

func asLimited(i instance) { i.Spec.Principal = limited }

// limit makes the limited principal, with rights to ConfigMaps.
func (s *env) limit(verbs ...string) {
	s.Helper()
	_, err := s.xos.XosV1().Principals(s.domain).Create(s.Context(),
		&xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: limited}}, metav1.CreateOptions{})
	require.NoError(s, err)
	testkit.Await(s, s.xos.XosV1().Principals(s.domain).Get, limited, func(p *xosv1.Principal) bool {
		return meta.IsStatusConditionTrue(p.Status.Conditions, xosv1.ConditionReady)
	})
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: limited}}
	role.Rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: verbs}}
	_, err = s.kube.RbacV1().Roles(s.domain).Create(s.Context(), role, metav1.CreateOptions{})
	require.NoError(s, err)
	_, err = s.kube.RbacV1().RoleBindings(s.domain).Create(s.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: limited},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: limited},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.domain, Name: limited}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
}

// grant gives the limited principal other rights.
func (s *env) grant(verbs ...string) {
	s.Helper()
	roles := s.kube.RbacV1().Roles(s.domain)
	role := testkit.Await(s, roles.Get, limited, nil)
	role.Rules[0].Verbs = verbs
	_, err := roles.Update(s.Context(), role, metav1.UpdateOptions{})
	require.NoError(s, err)
}

func saysUnwatched(i instance) bool {
	ready := meta.FindStatusCondition(i.Status.Conditions, xosv1.ConditionReady)
	return ready != nil && ready.Status == metav1.ConditionTrue && strings.Contains(ready.Message, "the principal may not watch ConfigMap")
}

func TestAPrincipalThatMayNotWatchIsServedByReads(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.limit("get", "create", "patch", "delete")
	s.apply("blob", settings, asLimited)
	s.until("blob", saysUnwatched)
	s.edit(`{"data":{"color":"red"}}`)
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "blue" })
	s.apply("blob", strings.ReplaceAll(settings, "settings", "others"), asLimited)
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 && saysUnwatched(i) })
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	s.delete("blob")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "others")
}

func TestTheRightToWatchIsUsedOnceItIsThere(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.limit("get", "create", "patch", "delete")
	s.apply("blob", settings, asLimited)
	s.until("blob", saysUnwatched)
	s.grant("get", "create", "patch", "delete", "list", "watch")
	s.until("blob", func(i instance) bool { return !saysUnwatched(i) })
	s.ready("blob")
	s.edit(`{"data":{"color":"red"}}`)
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "blue" })
	s.delete("blob")
}

func TestRightsThatAreGrantedLaterAreUsed(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.limit("get")
	s.apply("blob", settings, asLimited)
	s.unready("blob", xosv1.ReasonForbidden, "ConfigMap $domain/settings", "system:serviceaccount:$domain:limited")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	s.grant("get", "create", "patch", "delete", "list", "watch")
	s.ready("blob")
	s.delete("blob")
}

func TestWhatAForciblyRemovedPredecessorLeftIsTakenOver(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: blue, size: large}}"+account)
	predecessor := s.ready("blob")
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = true }) // so that nobody holds it again
	s.suspended("blob")
	instances := s.xos.XosV1().KubernetesResourceInstances(s.domain)
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		i, err := instances.Get(ctx, "blob", metav1.GetOptions{})
		require.NoError(t, err)
		i.Finalizers = nil
		_, err = instances.Update(ctx, i, metav1.UpdateOptions{})
		return err == nil, "its finalizer is still there"
	})
	s.delete("blob")

	s.apply("blob", settings)
	successor := s.ready("blob")
	require.NotEqual(t, predecessor.UID, successor.UID)
	taken := testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	require.Equal(t, entry(predecessor, "ConfigMap", "settings").UID, taken.UID)
	require.Equal(t, s.trackingOn("settings", string(successor.UID)), taken.Annotations[xosv1.OwnerAnnotation])
	require.Equal(t, map[string]string{"color": "blue"}, taken.Data, "what only the predecessor declared is removed")
	s.delete("blob")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	testkit.Await(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker", nil) // what it left and no manifest declares is for an operator to delete
}
