package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// powerful makes a ServiceAccount that is not ours, and may do everything in the
// environment's namespace.
func (s *env) powerful(name string) {
	s.Helper()
	_, err := s.kube.CoreV1().ServiceAccounts(s.domain).Create(s.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(s, err)
	_, err = s.kube.RbacV1().RoleBindings(s.domain).Create(s.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.domain, Name: name}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
}

// as are the requests that were sent as an account of the environment's namespace.
func (s *env) as(account string) transport.Requests {
	return s.manager.Since(0).Where(func(r transport.Request) bool {
		return r.As == "system:serviceaccount:"+s.domain+":"+account
	})
}

func TestAnAccountThatIsNotOursIsNeverTakenOn(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	principals := s.xos.XosV1().Principals(s.domain)
	for name, change := range map[string]func(*xosv1.Principal){
		"record": func(p *xosv1.Principal) { p.Spec.XOSManaged = ptr.To(false) },
		"taken":  func(*xosv1.Principal) {},
		"adopts": func(p *xosv1.Principal) { p.Spec.Adopt = xosv1.AdoptIfUnowned },
	} {
		s.powerful(name)
		p := &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: name}}
		change(p)
		_, err := principals.Create(t.Context(), p, metav1.CreateOptions{})
		require.NoError(t, err)
		testkit.Await(t, principals.Get, name, func(p *xosv1.Principal) bool { return p.Status.ObservedGeneration == p.Generation })
		s.apply("as-"+name, settings, func(i instance) { i.Spec.Principal = name })
		s.until("as-"+name, func(i instance) bool { return meta.IsStatusConditionFalse(i.Status.Conditions, xosv1.ConditionReady) })
	}
	settled(s, s.manager, 0)
	for _, name := range []string{"record", "taken", "adopts"} {
		require.Empty(t, s.as(name).Lines(), name)
		s.delete("as-" + name)
	}
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
}

func TestAnAccountIsRecordedAndUsedUntilDeletion(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.powerful("victim")
	s.apply("deleted", settings)
	recorded := s.ready("deleted").Status.Account
	account, err := s.kube.CoreV1().ServiceAccounts(s.domain).Get(t.Context(), operator, metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, &xosv1.AppliedAs{Namespace: s.domain, Name: operator, UID: account.UID}, recorded)
	s.apply("released", "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}")
	s.ready("released")

	for _, name := range []string{"deleted", "released"} {
		_, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Patch(t.Context(), name, types.MergePatchType,
			[]byte(`{"spec":{"principal":"victim"}}`), metav1.PatchOptions{})
		require.NoError(t, err)
		s.unready(name, xosv1.ReasonReferenceNotFound, "Principal victim does not exist")
	}
	s.delete("deleted")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	_, err = s.xos.XosV1().KubernetesResourceInstances(s.domain).Patch(t.Context(), "released", types.MergePatchType,
		[]byte(`{"spec":{"xosManaged":false}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	released := s.until("released", func(i instance) bool { return len(i.Status.Inventory) == 0 && i.Status.Account == nil })
	require.Empty(t, testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "other", nil).Annotations)
	s.delete(released.Name)
	require.Empty(t, s.as("victim").Lines())
}

func TestWhatAnEarlierPrincipalAppliedIsPrunedAsThatOne(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.limit("get", "list", "watch", "create", "patch") // and not delete
	s.apply("blob", settings)
	s.ready("blob")
	s.apply("blob", "{apiVersion: v1, kind: ConfigMap, metadata: {name: others}}", asLimited)
	s.until("blob", func(i instance) bool { return i.Status.Account != nil && i.Status.Account.Name == limited })
	s.ready("blob")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	require.Equal(t, []string{"delete configmaps settings"}, s.as(operator).Of("delete", "configmaps").Lines())
	s.grant("get", "list", "watch", "create", "patch", "delete")
	s.delete("blob")
}

func TestEachNamespaceOfASharedDomainActsAsItself(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	domains := s.xos.XosV1().TrustDomains()
	_, err := domains.Patch(t.Context(), s.domain, types.MergePatchType, []byte(`{"spec":{"allowedNamespaces":{"from":"All"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	team := s.domain + "-team"
	_, err = s.kube.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: team}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.kube.CoreV1().Namespaces().Delete(t.Context(), team, metav1.DeleteOptions{}) })
	s.powerful("xos-default")

	blob := &xosv1.KubernetesResourceInstance{ObjectMeta: metav1.ObjectMeta{Name: "blob"}}
	blob.Spec.TrustDomain, blob.Spec.ResourceDefinition = s.domain, "{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs}}"
	_, err = s.xos.XosV1().KubernetesResourceInstances(team).Create(t.Context(), blob, metav1.CreateOptions{})
	require.NoError(t, err)
	s.apply("blob", settings, func(i instance) { i.Spec.Principal = "" })
	s.ready("blob")
	theirs := testkit.Await(t, s.xos.XosV1().KubernetesResourceInstances(team).Get, "blob", func(i instance) bool {
		return meta.IsStatusConditionFalse(i.Status.Conditions, xosv1.ConditionReady) && i.Status.Account != nil
	})
	require.Equal(t, "xos-default-"+team, theirs.Status.Account.Name)
	message := meta.FindStatusCondition(theirs.Status.Conditions, xosv1.ConditionReady).Message
	require.Contains(t, message, "system:serviceaccount:"+s.domain+":xos-default-"+team)
	require.Contains(t, message, "name a Principal with a role that allows it")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "theirs")
	require.NoError(t, s.xos.XosV1().KubernetesResourceInstances(team).Delete(t.Context(), "blob", metav1.DeleteOptions{}))
	s.delete("blob")
}
