package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const twoMaps = `# a comment alone is no object
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: shop}
---
---
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}}
`

func TestDocumentsWithoutAnObjectAreLeftOut(t *testing.T) {
	objects, err := Read(strings.NewReader(twoMaps))
	require.NoError(t, err)
	require.Len(t, objects, 2)
	require.Equal(t, "ConfigMap shop/one", Describe(objects[0]))
	require.Equal(t, "ConfigMap two", Describe(objects[1]))
}

func TestFilesAreReadInOrderAndNamedInErrors(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), []byte("{kind: B}"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("{kind: A}"), 0o600))
	objects, err := ReadFiles(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	require.Len(t, objects, 2)
	require.Equal(t, "A", objects[0].GetKind())
	broken := filepath.Join(dir, "c.yaml")
	require.NoError(t, os.WriteFile(broken, []byte("{kind: "), 0o600))
	_, err = ReadFiles(filepath.Join(dir, "*.yaml"))
	require.ErrorContains(t, err, "read "+broken)
}
