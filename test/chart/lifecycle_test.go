package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// objects are a tenant's: a domain, and what has native objects in it.
const objects = `
apiVersion: xos.opencord.org/v1
kind: TrustDomain
metadata: {name: DOMAIN}
spec: {allowedNamespaces: {from: All}, allowedRoles: [view]}
---
apiVersion: xos.opencord.org/v1
kind: Principal
metadata: {name: gardener, namespace: default}
spec: {trustDomain: DOMAIN, roles: [view]}
---
apiVersion: xos.opencord.org/v1
kind: KubernetesConfigMap
metadata: {name: apples, namespace: default}
spec: {trustDomain: DOMAIN, data: {colour: red}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: apples, namespace: DOMAIN}
---
apiVersion: v1
kind: Namespace
metadata: {name: DOMAIN}
`

// tenant are a tenant's custom resources, and their native objects: the ConfigMap and its
// namespace.
func tenant(t *testing.T, domain string) (custom, native []*unstructured.Unstructured) {
	t.Helper()
	all, err := manifests.Read(strings.NewReader(strings.ReplaceAll(objects, "DOMAIN", domain)))
	require.NoError(t, err)
	return all[:3], all[3:]
}

// previous is the chart of an earlier version: without a column that slices have today.
func previous(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "xos-kubernetes-service")
	require.NoError(t, os.CopyFS(dir, os.DirFS(chart)))
	rewrite := func(name, old, replacement string) {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(text), old), "%s in %s", old, name)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, replacement, 1)), 0o644))
	}
	rewrite("Chart.yaml", "\nversion: ", "\nversion: 0.0.9 # was ")
	rewrite("files/crds/xos.opencord.org_slices.yaml", column, "")
	return dir
}

const column = `    - jsonPath: .status.desiredReplicas
      name: Desired
      type: integer
`

// columns are those of slices.
func (e *env) columns() []string {
	e.Helper()
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "slices.xos.opencord.org"}}}
	live, err := e.get(e.Context(), definition)
	require.NoError(e, err)
	versions, _, err := unstructured.NestedSlice(live.Object, "spec", "versions")
	require.NoError(e, err)
	columns, _, err := unstructured.NestedSlice(versions[0].(map[string]any), "additionalPrinterColumns")
	require.NoError(e, err)
	var names []string
	for _, c := range columns {
		names = append(names, c.(map[string]any)["name"].(string))
	}
	return names
}

// deployment is the manager's.
func (e *env) deployment() *appsv1.Deployment {
	e.Helper()
	deployment, err := e.AppsV1().Deployments(namespace).Get(e.Context(), name, metav1.GetOptions{})
	require.NoError(e, err)
	return deployment
}

// values are those of a release that works here.
func (e *env) values(more ...string) string {
	return "--set=" + strings.Join(append([]string{"image.repository=" + image,
		"kafka.brokers={" + e.plane.Kafka + "}", "kafka.topics.create=true", scraper}, more...), ",")
}

func TestAReleaseIsInstalledUpgradedRolledBackAndUninstalled(t *testing.T) {
	// Not parallel: there is one release in a cluster.
	e := newEnv(t)
	e.restricted()
	e.does("install", "xos", previous(t), "--wait", "--timeout=2m", e.values())
	require.NotContains(t, e.columns(), "Desired")
	custom, native := tenant(t, "orchard")
	e.apply(custom)
	for _, o := range custom {
		e.current(o)
	}

	e.does("upgrade", "xos", chart, "--wait", "--timeout=2m", e.values("workers=8"))
	require.Contains(t, e.columns(), "Desired", "definitions are upgraded")
	require.Contains(t, e.deployment().Spec.Template.Spec.Containers[0].Args, "--workers=8")
	e.does("test", "xos", "--timeout=2m")
	e.repairs(native[0])
	e.hasMetrics()

	e.does("rollback", "xos", "1", "--wait", "--timeout=2m")
	require.NotContains(t, e.columns(), "Desired")
	require.Contains(t, e.deployment().Spec.Template.Spec.Containers[0].Args, "--workers=32")
	e.repairs(native[0])

	e.uninstall()
	for _, o := range custom {
		live, err := e.get(t.Context(), o)
		require.NoError(t, err, "custom resources are kept")
		require.NotContains(t, live.GetFinalizers(), xosv1.CleanupFinalizer)
	}
	for _, o := range native {
		_, err := e.get(t.Context(), o)
		require.NoError(t, err, "native objects are kept")
	}
	require.Empty(t, e.leftovers())
	for _, o := range append(custom, native...) {
		e.remove(o)
	}
	e.kubelet.idle()
}

func TestAnUninstallDeletesAllWhereItIsAskedTo(t *testing.T) {
	// Not parallel: there is one release in a cluster. Definitions are those that the one
	// before has kept.
	e := newEnv(t)
	e.restricted()
	e.does("install", "xos", chart, "--wait", "--timeout=2m", e.values("uninstall.deleteCustomResources=true"))
	custom, native := tenant(t, "meadow")
	e.apply(custom)
	for _, o := range custom {
		e.current(o)
		e.holds(o, xosv1.CleanupFinalizer)
	}
	e.uninstall()
	e.user.Reset()
	for _, o := range append(custom, native...) {
		e.gone(o)
	}
	require.Empty(t, e.leftovers())
	require.Empty(t, e.definitions())
	e.kubelet.idle()
}

func TestWhatAnotherClientHoldsIsReportedAndLeftAlone(t *testing.T) {
	// Not parallel: there is one release in a cluster.
	e := newEnv(t)
	e.restricted()
	e.does("install", "xos", chart, "--wait", "--timeout=2m", e.values())
	custom, native := tenant(t, "vineyard")
	custom[2].SetFinalizers([]string{"example.org/held"})
	e.apply(custom)
	for _, o := range custom {
		e.current(o)
	}
	e.hold(native[0], "example.org/held")
	out, err := e.kubelet.run(t.Context(), "delete", "--timeout=5s")
	require.Error(t, err, out)
	require.Regexp(t, `custom resources were not deleted in time, .*kubernetesconfigmaps default/apples`, out)
	e.hold(native[0])

	out, err = e.kubelet.run(t.Context(), "stop", "--leader-elect-namespace="+namespace)
	require.NoError(t, err, out)
	e.does("uninstall", "xos", "--no-hooks")
	out, err = e.kubelet.run(t.Context(), "release", "--leader-elect-namespace="+namespace, "--delete-definitions", "--timeout=6s")
	require.Error(t, err, out)
	require.Contains(t, out, "definitions were not gone in time: kubernetesconfigmaps.xos.opencord.org")
	live, err := e.get(t.Context(), custom[2])
	require.NoError(t, err)
	require.Equal(t, []string{"example.org/held"}, live.GetFinalizers())
	e.hold(custom[2])
	for _, o := range append(custom, native...) {
		e.gone(o)
	}
	e.kubelet.idle()
}

// uninstall uninstalls the release, and checks that no request of the manager is refused: it has
// its rights until its end.
func (e *env) uninstall() {
	e.Helper()
	mark := e.plane.AuditMark(e.T)
	e.does("uninstall", "xos", "--wait", "--timeout=2m")
	requests := 0
	for _, event := range e.plane.AuditSince(e.T, mark) {
		if event.User.Username == "system:serviceaccount:"+namespace+":"+name {
			requests++
			require.Equal(e, "allow", event.Annotations["authorization.k8s.io/decision"], event.Verb+" "+event.RequestURI)
		}
	}
	require.NotZero(e, requests)
}

// leftovers are what is left of a release, and of the manager, besides definitions.
func (e *env) leftovers() []string {
	e.Helper()
	var left []string
	e.user.Reset()
	_, lists, err := e.user.Kinds.ServerGroupsAndResources()
	require.NoError(e, err)
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "list") || resource.Name == "events" || resource.Name == "customresourcedefinitions" {
				continue
			}
			version, err := schema.ParseGroupVersion(list.GroupVersion)
			require.NoError(e, err)
			found, err := e.user.Dynamic.Resource(version.WithResource(resource.Name)).List(e.Context(), metav1.ListOptions{})
			require.NoError(e, err)
			for _, o := range found.Items {
				ours := strings.HasPrefix(o.GetName(), "xos-") || o.GetLabels()["app.kubernetes.io/part-of"] == "xos" ||
					o.GetNamespace() == namespace && o.GetName() != "kube-root-ca.crt" && o.GetName() != "default"
				stays := o.GetKind() == "Namespace" && o.GetName() == namespace || strings.HasPrefix(list.GroupVersion, xosv1.GroupName)
				if ours && !stays {
					left = append(left, manifests.Describe(&o))
				}
			}
		}
	}
	return left
}

// definitions are those of our kinds.
func (e *env) definitions() []string {
	e.Helper()
	found, err := e.user.Dynamic.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}).List(e.Context(), metav1.ListOptions{})
	require.NoError(e, err)
	var names []string
	for _, o := range found.Items {
		if strings.HasSuffix(o.GetName(), "."+xosv1.GroupName) {
			names = append(names, o.GetName())
		}
	}
	return names
}
