package gitops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/kube-openapi/pkg/util/proto"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/kubectl"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// differences are what the three diffs find between a file's object and the cluster's;
// empty where they are in sync.
func (c *cluster) differences(t *testing.T, config, live *unstructured.Unstructured) map[string]string {
	t.Helper()
	config = asStored(config)
	found := map[string]string{}
	for name, diff := range map[string]func(*testing.T, *unstructured.Unstructured, *unstructured.Unstructured) string{
		"three-way": threeWay, "structured-merge": c.structuredMerge, "server-side": c.serverSide,
	} {
		if difference := diff(t, config, live); difference != "" {
			found[name] = difference
		}
	}
	return found
}

// threeWay is what a client-side apply would change: Argo's way where nothing else is
// asked for, and that of "kubectl diff". Without a record of what was applied last, that
// is what is applied now.
func threeWay(t *testing.T, config, live *unstructured.Unstructured) string {
	t.Helper()
	last, err := kubectl.LastApplied(live)
	require.NoError(t, err)
	if len(last.Object) == 0 {
		last = config
	}
	last = asStored(last)
	patch, kind, err := kubectl.ThreeWayPatch(last, config, live)
	require.NoError(t, err)
	before, err := json.Marshal(live)
	require.NoError(t, err)
	var after []byte
	if kind == types.MergePatchType {
		after, err = jsonpatch.MergePatch(before, patch)
	} else {
		after, err = strategicpatch.StrategicMergePatch(before, patch, kubectl.TypeOf(live))
	}
	require.NoError(t, err)
	if jsonpatch.Equal(before, after) {
		return ""
	}
	return string(patch)
}

// asStored is an object with a Secret's plain text where the server stores it, as Argo CD
// compares it.
func asStored(o *unstructured.Unstructured) *unstructured.Unstructured {
	plain, found, err := unstructured.NestedStringMap(o.Object, "stringData")
	if o.GetKind() != "Secret" || !found || err != nil {
		return o
	}
	o = o.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "stringData")
	for key, value := range plain {
		encoded := base64.StdEncoding.EncodeToString([]byte(value))
		if err := unstructured.SetNestedField(o.Object, encoded, "data", key); err != nil {
			panic(err) // data is a map of texts, as the server has checked
		}
	}
	return o
}

// structuredMerge merges the file's object into the cluster's by the schema that the
// server publishes, and takes out what the applier owns and the file does not have.
func (c *cluster) structuredMerge(t *testing.T, config, live *unstructured.Unstructured) string {
	t.Helper()
	kind := c.schemaOf(t, live)
	there, err := kind.FromUnstructured(live.Object)
	require.NoError(t, err)
	wanted, err := kind.FromUnstructured(config.Object)
	require.NoError(t, err)
	merged, err := there.Merge(wanted)
	require.NoError(t, err)
	given, err := wanted.ToFieldSet()
	require.NoError(t, err)
	if left := appliedBy(t, live).Difference(given); !left.Empty() {
		merged = merged.RemoveItems(left.Leaves())
	}
	comparison, err := there.Compare(merged)
	require.NoError(t, err)
	if comparison.IsSame() {
		return ""
	}
	return comparison.String()
}

// schemaOf is the schema that the server publishes of a kind, in the form that Argo CD
// reads. Definitions come into it a moment after they are served.
func (c *cluster) schemaOf(t *testing.T, o *unstructured.Unstructured) *typed.ParseableType {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := o.GroupVersionKind()
	plane.Wait(t, waitTimeout, func(context.Context) (bool, string) {
		if c.schemas != nil && c.schemas.Type(kind) != nil {
			return true, ""
		}
		document, err := c.Kinds.OpenAPISchema()
		require.NoError(t, err)
		models, err := proto.NewOpenAPIData(document)
		require.NoError(t, err)
		c.schemas, err = managedfields.NewGVKParser(models, false)
		require.NoError(t, err)
		return c.schemas.Type(kind) != nil, "the server publishes no schema of " + manifests.Describe(o)
	})
	return c.schemas.Type(kind)
}

// appliedBy are the fields that an object's record of owners gives to Argo CD.
func appliedBy(t *testing.T, live *unstructured.Unstructured) *fieldpath.Set {
	t.Helper()
	owned := fieldpath.NewSet()
	for _, entry := range live.GetManagedFields() {
		if entry.Manager != argo || entry.Operation != metav1.ManagedFieldsOperationApply {
			continue
		}
		set := fieldpath.NewSet()
		require.NoError(t, set.FromJSON(entry.FieldsV1.GetRawReader()))
		owned = owned.Union(set)
	}
	return owned
}

// serverSide is what a server-side apply would change, as the server says itself.
func (c *cluster) serverSide(t *testing.T, config, live *unstructured.Unstructured) string {
	t.Helper()
	predicted := plain(c.applyOnTheServer(t, config, metav1.DryRunAll))
	before, err := json.Marshal(plain(live))
	require.NoError(t, err)
	after, err := json.Marshal(predicted)
	require.NoError(t, err)
	if jsonpatch.Equal(before, after) {
		return ""
	}
	patch, err := jsonpatch.CreateMergePatch(before, after)
	require.NoError(t, err)
	return string(patch)
}

// plain is an object without what changes by itself, which Argo CD leaves out too.
func plain(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "status")
	unstructured.RemoveNestedField(o.Object, "metadata", "managedFields")
	unstructured.RemoveNestedField(o.Object, "metadata", "resourceVersion")
	return o
}
