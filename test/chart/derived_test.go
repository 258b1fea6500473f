package chart

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// bare is an object without what Helm adds.
func bare(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "metadata", "labels")
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations")
	return o.Object
}

// deployed are the objects of files of this repository.
func deployed(t *testing.T, patterns ...string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, pattern := range patterns {
		objects, err := manifests.ReadFiles(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, objects, pattern)
		all = append(all, objects...)
	}
	return all
}

func TestRightsFenceAndDefinitionsAreThoseOfTheRepository(t *testing.T) {
	t.Parallel()
	objects := rendered(t, "--set=rbac.impersonation=Constrained,crds.enabled=false")
	free := rendered(t)
	for _, want := range deployed(t, "crds/*.yaml", "deploy/role.yaml", "deploy/fence.yaml", "deploy/tenant-roles.yaml", "deploy/constrained-impersonation/role.yaml") {
		from := free
		if want.GetName() == "xos-domain-impersonation" {
			from = objects
		}
		got := only(from, want.GetKind())[want.GetName()]
		require.NotNil(t, got, manifests.Describe(want))
		require.Equal(t, bare(want), bare(got), manifests.Describe(want))
		if want.GetKind() == "CustomResourceDefinition" {
			require.Equal(t, "keep", got.GetAnnotations()["helm.sh/resource-policy"])
		}
	}
	for _, want := range deployed(t, "deploy/access.yaml") {
		if want.GetKind() == "ClusterRole" {
			require.Equal(t, bare(want), bare(only(free, "ClusterRole")[want.GetName()]))
		}
	}
	for label, value := range deployed(t, "deploy/tenant-roles.yaml")[0].GetLabels() {
		require.Equal(t, value, only(free, "ClusterRole")["xos-tenant-edit"].GetLabels()[label])
	}
}

// rules are those of the manager's ClusterRole that have a verb.
func rules(t *testing.T, objects []*unstructured.Unstructured, verb string) []map[string]any {
	t.Helper()
	all, _, err := unstructured.NestedSlice(only(objects, "ClusterRole")[name].Object, "rules")
	require.NoError(t, err)
	var found []map[string]any
	for _, one := range all {
		rule := one.(map[string]any)
		for _, has := range rule["verbs"].([]any) {
			if has == verb {
				found = append(found, rule)
			}
		}
	}
	return found
}

func TestValuesDecideWhatMayBeBoundAndImpersonated(t *testing.T) {
	t.Parallel()
	bound := rules(t, rendered(t, "--set=rbac.bind={admin,operator},crds.enabled=false"), "bind")
	require.Len(t, bound, 1)
	require.Equal(t, []any{"admin", "operator"}, bound[0]["resourceNames"])
	require.Len(t, rules(t, rendered(t, "--set=crds.enabled=false"), "impersonate"), 1)

	narrow := rendered(t, "--set=crds.enabled=false,rbac.bind=null,rbac.impersonation=Constrained,rbac.impersonationNamespaces={acme}")
	require.Empty(t, rules(t, narrow, "bind"))
	require.Empty(t, rules(t, narrow, "impersonate"))
	require.Equal(t, "acme", only(narrow, "RoleBinding")["xos-impersonation"].GetNamespace())
}

func TestAnotherNamespaceIsNamedWhereverTheManagersIs(t *testing.T) {
	t.Parallel()
	for _, o := range rendered(t, "--namespace=elsewhere", "--set=crds.enabled=false") {
		text, err := o.MarshalJSON()
		require.NoError(t, err)
		require.NotContains(t, string(text), namespace, manifests.Describe(o))
	}
}
