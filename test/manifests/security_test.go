package manifests

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestABlobDoesNotLeaveItsDomain(t *testing.T) {
	t.Parallel()
	s := administrator(t) // even one with all rights
	for name, blob := range map[string]string{
		"namespace":  "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: default}}",
		"list":       "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}]}",
		"path":       "{apiVersion: v1, kind: ConfigMap, metadata: {name: ../../default/configmaps/settings}}",
		"owners":     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: u}]}}",
		"finalizers": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [example.org/hold]}}",
		"generate":   "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}",
		"tracking":   "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {xos.opencord.org/owner: Slice/a/b/c}}}",
	} {
		t.Run(name, func(t *testing.T) {
			s.apply(name, blob)
			refused := s.unready(name, xosv1.ReasonInvalid, "document 1")
			require.Empty(t, refused.Status.Inventory)
		})
	}
}

func TestRightsAreThePrincipals(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+`
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: $domain-takeover}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: operator, namespace: $domain}]
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: none}
spec: {hard: {pods: "1000"}}
`)
	i := s.unready("blob", xosv1.ReasonForbidden, "ClusterRoleBinding $domain-takeover", "ResourceQuota $domain/none", "the other one went well")
	require.Contains(t, entry(i, "ResourceQuota", "none").Message, "forbidden")
	require.Equal(t, xosv1.HealthCurrent, entry(i, "ConfigMap", "settings").Health)
	testkit.Absent(t, s.kube.RbacV1().ClusterRoleBindings().Get, s.domain+"-takeover")
	s.delete("blob")
}

func TestEveryRequestAboutATenantsObjectIsTheTenants(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", "{apiVersion: v1, kind: Endpoints, metadata: {name: web}}", func(i instance) { i.Spec.Principal = "" })
	s.unready("blob", xosv1.ReasonForbidden, "xos-default")
	s.apply("blob", settings)
	s.ready("blob")
	s.delete("blob")
	for _, r := range s.manager.Since(0).In(s.domain).Named("settings", "web") {
		require.True(t, strings.HasPrefix(r.As, "system:serviceaccount:"+s.domain+":"), "%s as %q", r, r.As)
	}
}

func TestAPrincipalOfAnotherDomainIsRefused(t *testing.T) {
	t.Parallel()
	s, other := tenant(t), tenant(t)
	p := &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: "foreign"}}
	p.Spec.TrustDomain = other.domain
	_, err := s.xos.XosV1().Principals(s.domain).Create(t.Context(), p, metav1.CreateOptions{})
	require.NoError(t, err)
	s.apply("blob", settings, func(i instance) { i.Spec.Principal = "foreign" })
	s.unready("blob", xosv1.ReasonNotAdmitted, other.domain)
	s.apply("elsewhere", settings, func(i instance) { i.Spec.TrustDomain = other.domain })
	s.unready("elsewhere", xosv1.ReasonNotAdmitted, other.domain)
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(other.domain).Get, "settings")
}

func TestAnotherClientsObjectIsNotChanged(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	configs := s.kube.CoreV1().ConfigMaps(s.domain)
	_, err := configs.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"mine": "yes"}},
		metav1.CreateOptions{FieldManager: "another-client"})
	require.NoError(t, err)
	s.apply("blob", settings)
	s.unready("blob", xosv1.ReasonNotOwned, "ConfigMap $domain/settings", "spec.adopt")
	require.Equal(t, map[string]string{"mine": "yes"}, testkit.Await(t, configs.Get, "settings", nil).Data)

	label := func(patch string) {
		_, err := configs.Patch(t.Context(), "settings", types.MergePatchType, []byte(`{"metadata":{"labels":{"app.kubernetes.io/managed-by":`+patch+`}}}`),
			metav1.PatchOptions{FieldManager: "another-client"})
		require.NoError(t, err)
	}
	label(`"Helm"`)
	s.apply("blob", settings, func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
	s.unready("blob", xosv1.ReasonNotOwned, "ConfigMap $domain/settings says that Helm keeps it", "take its label app.kubernetes.io/managed-by off")
	label("null")
	s.unready("blob", xosv1.ReasonNotOwned, "nobody has consented to its adoption", xosv1.AdoptableAnnotation)
	annotate := func(value string) {
		_, err := configs.Patch(t.Context(), "settings", types.MergePatchType,
			[]byte(`{"metadata":{"annotations":{"`+xosv1.AdoptableAnnotation+`":`+value+`}}}`), metav1.PatchOptions{FieldManager: "another-client"})
		require.NoError(t, err)
	}
	annotate(`"true"`)
	s.ready("blob")
	require.Equal(t, map[string]string{"mine": "yes", "color": "blue"}, testkit.Await(t, configs.Get, "settings", nil).Data)

	s.apply("rival", settings, func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
	s.unready("rival", xosv1.ReasonNotOwned, "belongs to KubernetesResourceInstance $domain/blob")
	s.delete("rival")
	s.delete("blob")
	require.Equal(t, map[string]string{"mine": "yes", "color": "blue"}, testkit.Await(t, configs.Get, "settings", nil).Data, "what was adopted is given up")

	// To delete it takes consent at that time.
	mine := func(i instance) {
		i.Spec.Adopt, i.Spec.DeletionPolicy = xosv1.AdoptIfUnowned, xosv1.DeletionPolicyDelete
	}
	s.apply("blob", settings, mine)
	s.ready("blob")
	annotate("null")
	s.delete("blob")
	require.Empty(t, testkit.Await(t, configs.Get, "settings", nil).Annotations)
	annotate(`"true"`)
	s.apply("blob", settings, mine)
	s.ready("blob")
	s.delete("blob")
	testkit.Absent(t, configs.Get, "settings")
}

func TestAForgedInventoryDeletesNothing(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	victim, err := s.kube.CoreV1().ConfigMaps(s.domain).Create(t.Context(),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "victim"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = true })
	i := s.suspended("blob")
	i.Status.Inventory = []xosv1.InventoryEntry{{APIVersion: "v1", Kind: "ConfigMap", Namespace: s.domain, Name: "victim", UID: victim.UID}}
	_, err = s.xos.XosV1().KubernetesResourceInstances(s.domain).UpdateStatus(t.Context(), i, metav1.UpdateOptions{})
	require.NoError(t, err)
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = false })
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 && i.Status.Inventory[0].Name == "settings" })
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "victim", nil)
}

func TestNothingOfASecretIsDisclosed(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	for name, blob := range map[string]string{
		"good":    "{apiVersion: v1, kind: Secret, metadata: {name: good}, stringData: {key: " + canary + "}}",
		"base64":  "{apiVersion: v1, kind: Secret, metadata: {name: base64}, data: {key: '!" + canary + "'}}",
		"typed":   "{apiVersion: v1, kind: Secret, metadata: {name: typed}, data: {key: {" + canary + ": 1}}}",
		"type":    "{apiVersion: v1, kind: Secret, metadata: {name: type}, type: [" + canary + "]}",
		"unknown": "{apiVersion: v1, kind: Secret, metadata: {name: unknown}, daat: {key: " + canary + "}}",
		"number":  "{apiVersion: v1, kind: Secret, metadata: {name: number}, stringData: {key: 1" + strings.Repeat("0", 9) + "}}",
		"anchor":  "apiVersion: v1\nkind: Secret\nmetadata: {name: anchor}\nstringData: {key: *" + canary + "}",
		"scalar":  "--- " + canary + "\n# apiVersion kind",
	} {
		s.apply(name, blob)
		if name == "good" {
			s.ready(name)
		} else {
			s.until(name, func(i instance) bool { return len(i.Status.Conditions) > 1 })
		}
	}
	settled(s, s.manager, 0)
	list, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, i := range list.Items {
		shown, err := json.Marshal(i.Status)
		require.NoError(t, err)
		require.NotContains(t, string(shown), canary, "status of %s", i.Name)
	}
	events, err := s.kube.EventsV1().Events(s.domain).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, events.Items)
	shown, err := json.Marshal(events)
	require.NoError(t, err)
	require.NotContains(t, string(shown), canary, "events")
	require.NotContains(t, s.manager.Log(), canary, "log")
}
