package plane

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.plane.example.com
spec:
  group: plane.example.com
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

func TestInstalledKindsAreServedAtOnce(t *testing.T) {
	p := Shared(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "widgets.yaml"), []byte(widgets), 0o600))
	require.NoError(t, p.InstallCRDs(t.Context(), dir))
	require.NoError(t, p.InstallCRDs(t.Context(), dir), "a second time")

	client, err := dynamic.NewForConfig(p.Config())
	require.NoError(t, err)
	resource := schema.GroupVersionResource{Group: "plane.example.com", Version: "v1", Resource: "widgets"}
	_, err = client.Resource(resource).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
}

func TestADirectoryWithoutKindsIsAnError(t *testing.T) {
	require.ErrorContains(t, Shared(t).InstallCRDs(t.Context(), t.TempDir()), "no CustomResourceDefinition in")
}
