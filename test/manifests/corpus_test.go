package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/manifest/applier"
)

// neverReady are the objects that need a component which a plane of played nodes
// lacks: it provisions no volumes, balances no load and measures no pods.
var neverReady = []string{
	"PersistentVolumeClaim mysql-pv-claim", "Service wordpress", "Deployment wordpress-mysql", "StatefulSet redis-master",
	"HorizontalPodAutoscaler php-apache",
}

// TestWellKnownManifests puts each of the manifests through its lifecycle.
func TestWellKnownManifests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 20)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(content), "# Resembles "), "the first line says what it resembles")
			s := administrator(t)
			blob := s.fill(string(content))
			documents, err := manifest.Decode(blob, s.domain)
			require.NoError(t, err)

			s.apply("blob", blob)
			i := s.until("blob", isThere)
			require.Len(t, i.Status.Inventory, len(documents))
			s.isAsApplied(i, documents)

			changed := changedDocuments(t, documents)
			s.apply("blob", changed)
			i = s.until("blob", func(i instance) bool { return i.Status.KubectlState == xosv1.KubectlStateUpdated && isThere(i) })
			again, err := manifest.Decode(changed, s.domain)
			require.NoError(t, err)
			s.isAsApplied(i, again)

			s.apply("blob", changedDocuments(t, documents[:len(documents)-1]))
			s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == len(documents)-1 && isThere(i) })
			s.delete("blob")
		})
	}
}

// isThere returns whether all objects are applied, and ready as far as that is
// possible.
func isThere(i instance) bool {
	for _, e := range i.Status.Inventory {
		if e.UID == "" || (e.Health != xosv1.HealthCurrent && !slices.Contains(neverReady, e.Kind+" "+e.Name)) {
			return false
		}
	}
	ready := meta.FindStatusCondition(i.Status.Conditions, xosv1.ConditionReady)
	return len(i.Status.Inventory) > 0 && (ready.Status == metav1.ConditionTrue || ready.Reason == xosv1.ReasonProgressing)
}

// isAsApplied asserts that each object is there, and bears every field that was
// declared as ours: so that a manager which starts anew has nothing to write.
func (s *env) isAsApplied(i instance, documents []manifest.Document) {
	s.Helper()
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.kube.Discovery()))
	for _, document := range documents {
		mapping, err := mapper.RESTMapping(schema.GroupKind{Group: document.Kind.Group, Kind: document.Kind.Kind}, document.Kind.Version)
		require.NoError(s, err)
		namespace := ""
		if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
			namespace = s.domain
		}
		live, err := s.dynamic.Resource(mapping.Resource).Namespace(namespace).Get(s.Context(), document.ID().Name, metav1.GetOptions{})
		require.NoError(s, err)
		require.Equal(s, live.GetUID(), entry(i, document.Kind.Kind, document.ID().Name).UID)
		claim := managedfields.Of(live.GetManagedFields(), applier.FieldManager(cache.MetaObjectToName(i)))
		require.True(s, managedfields.Held(claim, document.Object.Object), "%s: of %v\nonly %s is ours", document.ID(), document.Object.Object, claim)
	}
}

// changedDocuments gives each document another label.
func changedDocuments(t testing.TB, documents []manifest.Document) string {
	t.Helper()
	var blob strings.Builder
	for _, document := range documents {
		object := document.Object.DeepCopy()
		labels := object.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels["changed"] = "once"
		object.SetLabels(labels)
		data, err := yaml.Marshal(object.Object)
		require.NoError(t, err)
		blob.WriteString("---\n" + string(data))
	}
	return blob.String()
}
