package plane

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"xos.opencord.org/kubernetes-service/hack/manifests"
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
	user, err := manifests.NewClient(p.Config())
	require.NoError(t, err)
	kind := schema.GroupVersionKind{Group: "plane.example.com", Version: "v1", Kind: "Widget"}
	_, err = user.Mapping(kind)
	require.True(t, meta.IsNoMatchError(err), "before it is defined: %v", err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "widgets.yaml"), []byte(widgets), 0o600))
	require.NoError(t, p.InstallCRDs(t.Context(), dir))
	require.NoError(t, p.InstallCRDs(t.Context(), dir), "a second time")

	client, err := dynamic.NewForConfig(p.Config())
	require.NoError(t, err)
	resource := schema.GroupVersionResource{Group: "plane.example.com", Version: "v1", Resource: "widgets"}
	_, err = client.Resource(resource).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)

	// Discovery follows a moment later, and a client that asked before asks again.
	Wait(t, waitTimeout, func(context.Context) (bool, string) {
		mapping, err := user.Mapping(kind)
		return err == nil && mapping.Resource == resource, fmt.Sprint(err)
	})
}

func TestADirectoryWithoutKindsIsAnError(t *testing.T) {
	require.ErrorContains(t, Shared(t).InstallCRDs(t.Context(), t.TempDir()), "no CustomResourceDefinition in")
}
