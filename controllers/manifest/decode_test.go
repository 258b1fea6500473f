package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const place = "shop"

func TestDecode(t *testing.T) {
	for name, test := range map[string]struct {
		blob string
		want []string
	}{
		"one document":              {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}", []string{"ConfigMap a"}},
		"JSON":                      {`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}`, []string{"ConfigMap a"}},
		"JSON with tabs":            {"{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\",\n\t\"metadata\": {\"name\": \"a\"}\n}", []string{"ConfigMap a"}},
		"a mapping in braces":       {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", []string{"ConfigMap a"}},
		"empty documents":           {"---\n# nothing\n---\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n", []string{"ConfigMap a"}},
		"a List":                    {"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}]}", []string{"ConfigMap a", "ConfigMap b"}},
		"aliases":                   {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &n a}\ndata: {name: *n}", []string{"ConfigMap a"}},
		"the domain's namespace":    {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}", []string{"ConfigMap a"}},
		"the same name, two kinds":  {"{apiVersion: v1, kind: Secret, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", []string{"Secret a", "ConfigMap a"}},
		"an order of its own":       {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: b}}", []string{"Namespace b", "Deployment a"}},
		"one kind, as it was given": {"{apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", []string{"ConfigMap z", "ConfigMap a"}},
	} {
		t.Run(name, func(t *testing.T) {
			documents, err := Decode(test.blob, place)
			require.NoError(t, err)
			var got []string
			for _, d := range documents {
				got = append(got, d.ID().String())
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	many := strings.Repeat("{apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}\n---\n", MaxDocuments+1)
	names := make([]any, MaxDocuments+1)
	for i := range names {
		names[i] = i
	}
	for name, test := range map[string]struct{ blob, want string }{
		"nothing":                    {"# nothing\n", "holds no document"},
		"too many bytes":             {strings.Repeat("a", MaxBytes+1), "1048577 bytes, the limit is 1048576"},
		"too many documents":         {fmt.Sprintf(many, names...), "more than 512 documents"},
		"too long a List":            {"apiVersion: v1\nkind: List\nitems: [" + strings.Repeat("{},", MaxDocuments+1) + "]", "List of 513 items, the limit is 512"},
		"too deep YAML":              {"a: " + strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), "deeper than 128 levels"},
		"far too deep YAML":          {"a: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "deeper than 128 levels"},
		"too deep JSON":              {`{"a": ` + strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1) + "}", "deeper than 128 levels"},
		"a bomb of aliases":          {bomb(), "4194304 bytes with its aliases written out"},
		"a long string many times":   {"a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]", "aliases written out"},
		"an anchor in itself":        {"a: &a [*a]", "line 1 that contains itself"},
		"an unknown anchor":          {"a: *hunter2", "not valid YAML"},
		"a duplicate key":            {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\na: 1\na: 2", `document 2: is not valid YAML`},
		"a duplicate key in JSON":    {`{"a": 1, "a": 2}`, `duplicate field "a"`},
		"a duplicate object":         {"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}", "document 2: ConfigMap a is declared twice"},
		"another version of it":      {"{apiVersion: a/v1, kind: A, metadata: {name: a}}\n---\n{apiVersion: a/v2, kind: A, metadata: {name: a}}", "declared twice"},
		"a string":                   {"hunter2", "is no object"},
		"a list":                     {"[a, b]", "is no object"},
		"no kind":                    {"{apiVersion: v1, metadata: {name: a}}", "no apiVersion or no kind"},
		"an odd apiVersion":          {"{apiVersion: a/b/c, kind: A, metadata: {name: a}}", "neither"},
		"no metadata":                {"{apiVersion: v1, kind: A}", "has no metadata"},
		"no name":                    {"{apiVersion: v1, kind: A, metadata: {}}", "no metadata.name"},
		"generateName":               {"{apiVersion: v1, kind: A, metadata: {generateName: a-}}", "metadata.generateName"},
		"generateName and name":      {"{apiVersion: v1, kind: A, metadata: {name: a, generateName: a-}}", "metadata.generateName"},
		"a path for a name":          {"{apiVersion: v1, kind: A, metadata: {name: a/../b}}", "that is no name"},
		"another namespace":          {"{apiVersion: v1, kind: A, metadata: {name: a, namespace: kube-system}}", "is not shop"},
		"a number for a namespace":   {"{apiVersion: v1, kind: A, metadata: {name: a, namespace: 7}}", "is not shop"},
		"owners":                     {"{apiVersion: v1, kind: A, metadata: {name: a, ownerReferences: [{}]}}", "metadata.ownerReferences"},
		"finalizers":                 {"{apiVersion: v1, kind: A, metadata: {name: a, finalizers: [x]}}", "metadata.finalizers"},
		"finalizers of another sort": {"{apiVersion: v1, kind: A, metadata: {name: a, finalizers: x}}", "metadata.finalizers"},
		"our marks":                  {"{apiVersion: v1, kind: A, metadata: {name: a, annotations: {xos.opencord.org/applied: x}}}", "set by XOS"},
		"a label that is a number":   {"{apiVersion: v1, kind: A, metadata: {name: a, labels: {x: 1}}}", "put it in quotes"},
		"a list of another kind":     {"{apiVersion: v1, kind: ConfigMapList, items: []}", "is a ConfigMapList"},
		"an item that is no object":  {"{apiVersion: v1, kind: List, items: [1]}", "item 1 of the List"},
		"stringData with a number":   {"{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {x: 1}}", `the value of "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(test.blob, place)
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.Less(t, len(err.Error()), 500)
		})
	}
}

// bomb is ten lines that are ten to the ninth strings.
func bomb() string {
	lines := []string{`a0: &a0 [x, x, x, x, x, x, x, x, x, x]`}
	for i := 1; i < 10; i++ {
		lines = append(lines, fmt.Sprintf("a%d: &a%d [%s]", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", ")))
	}
	return strings.Join(lines, "\n")
}

func TestWhatTheServerSetsIsLeftOut(t *testing.T) {
	documents, err := Decode(`
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: shop
  uid: u
  resourceVersion: "1"
  creationTimestamp: null
  generation: 2
  managedFields: [{manager: kubectl}]
  finalizers: []
  labels: {x: z}
  annotations:
data: {k: v}
status: {phase: Active}
`, place)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "a", "labels": map[string]any{"x": "z"}},
		"data":     map[string]any{"k": "v"},
	}, documents[0].Object.Object)
}

func TestWhatControllersKeepOnAnObjectIsLeftOut(t *testing.T) {
	annotations := func(text string) any {
		documents, err := Decode("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, annotations: {"+text+"}}}", place)
		require.NoError(t, err)
		return documents[0].Object.Object["metadata"].(map[string]any)["annotations"]
	}
	assert.Equal(t, map[string]any{"mine": "b"}, annotations("deployment.kubernetes.io/revision: '3', mine: b, kubectl.kubernetes.io/last-applied-configuration: '{}'"))
	assert.Nil(t, annotations("deployment.kubernetes.io/revision: '3'"))
}

func TestStringDataIsWrittenAsData(t *testing.T) {
	documents, err := Decode("{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {a: YQ==, b: eA==}, stringData: {b: b}}", place)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": "YQ==", "b": "Yg=="}, documents[0].Object.Object["data"], "stringData wins, as in the API")
	assert.NotContains(t, documents[0].Object.Object, "stringData")
}

func TestTheHashIsOfWhatIsDeclared(t *testing.T) {
	hashOf := func(blob string) string {
		documents, err := Decode(blob, place)
		require.NoError(t, err)
		return documents[0].Hash
	}
	one := hashOf("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b, c: d}}")
	assert.Equal(t, one, hashOf("# comment\ndata: {c: d, a: b}\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a, namespace: shop}"))
	assert.NotEqual(t, one, hashOf("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b, c: e}}"))
}

func FuzzDecode(f *testing.F) {
	for _, blob := range []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\n{}",
		`{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}]}`,
		"{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {x: y}}",
		"a: &a [*a]", "a: &a 1\n<<: {b: *a}", bomb(), "--- |\n a\n...\n", "\xff\xfe", "a: !!binary eA==", "? {a: b}\n: c",
		"{apiVersion: v1, kind: A, metadata: {name: a, namespace: b}}",
	} {
		f.Add(blob)
	}
	f.Fuzz(func(t *testing.T, blob string) {
		documents, err := Decode(blob, place)
		if err != nil {
			assert.Empty(t, documents)
			return
		}
		assert.NotEmpty(t, documents)
		assert.LessOrEqual(t, len(documents), MaxDocuments)
		for _, d := range documents {
			assert.NotEmpty(t, d.ID().Name)
			assert.NotEmpty(t, d.Hash)
			assert.LessOrEqual(t, depth(d.Object.Object), MaxDepth)
			assert.Empty(t, d.Object.GetNamespace())
			assert.Empty(t, d.Object.GetOwnerReferences())
			assert.Empty(t, d.Object.GetFinalizers())
			assert.Equal(t, place, d.In(place).Object.GetNamespace())
			marked := d.WithAnnotations(map[string]string{"x": "y"})
			assert.Equal(t, "y", marked.GetAnnotations()["x"])
			assert.NotContains(t, d.Object.GetAnnotations(), "x", "the document stays as it is")
		}
	})
}
