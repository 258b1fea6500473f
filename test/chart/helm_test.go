package chart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
)

// realHelm builds the real Helm once.
var realHelm = sync.OnceValues(func() (string, error) {
	return binaries.Helm.Ensure(context.Background(), os.Stderr)
})

// helm runs Helm, and returns what it prints.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := realHelm()
	require.NoError(t, err)
	home := t.TempDir()
	var failure strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("helm %s: %w", strings.Join(args, " "), errors.Join(err, errors.New(failure.String())))
	}
	return string(out), nil
}

// rendered is what "helm template" makes of values.
func rendered(t *testing.T, args ...string) []*unstructured.Unstructured {
	t.Helper()
	text, err := helm(t, append([]string{"template", "xos", chart, "--namespace=" + namespace, "--set=image.repository=" + image}, args...)...)
	require.NoError(t, err)
	objects, err := manifests.Read(strings.NewReader(text))
	require.NoError(t, err)
	require.NotEmpty(t, objects)
	return objects
}

// only returns the objects of a kind, by name.
func only(objects []*unstructured.Unstructured, kind string) map[string]*unstructured.Unstructured {
	found := map[string]*unstructured.Unstructured{}
	for _, o := range objects {
		if o.GetKind() == kind {
			found[o.GetName()] = o
		}
	}
	return found
}

// args are the manager's flags.
func args(t *testing.T, objects []*unstructured.Unstructured) []string {
	t.Helper()
	deployment := only(objects, "Deployment")[name]
	require.NotNil(t, deployment)
	containers, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	require.NoError(t, err)
	require.Len(t, containers, 1)
	flags, _, err := unstructured.NestedStringSlice(containers[0].(map[string]any), "args")
	require.NoError(t, err)
	return flags
}
