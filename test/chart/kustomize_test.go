package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
)

// kubectl runs the real kubectl against the plane.
func (e *env) kubectl(args ...string) string {
	e.Helper()
	programs, err := binaries.Ensure(e.Context(), os.Stderr)
	require.NoError(e, err)
	cmd := exec.CommandContext(e.Context(), programs.Localplane, append([]string{"kubectl", "--kubeconfig=" + e.plane.Kubeconfig()}, args...)...)
	begun := time.Now()
	out, err := cmd.CombinedOutput()
	e.Logf("kubectl %s took %v", args[0], time.Since(begun).Round(time.Millisecond))
	require.NoError(e, err, string(out))
	return string(out)
}

// overlay is that of docs/install.md.
const overlay = `
resources: [config]
images:
  - name: xos-controller-manager
    newName: registry.example.org/xos-controller-manager
    newTag: v1
`

func TestKubectlInstallsAndRemovesTheSame(t *testing.T) {
	// Not parallel: there is one manager in a cluster.
	e := newEnv(t)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "config"), os.DirFS(filepath.Join(root, "config"))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(overlay), 0o644))
	e.kubectl("apply", "-k", dir)
	e.kubectl("-n", namespace, "rollout", "status", "deployment/"+name, "--timeout=2m")
	require.Equal(t, "registry.example.org/xos-controller-manager:v1", e.deployment().Spec.Template.Spec.Containers[0].Image)
	custom, native := tenant(t, "grove")
	e.apply(custom)
	for _, o := range custom {
		e.current(o)
	}

	out, err := e.kubelet.run(t.Context(), "stop", "--leader-elect-namespace="+namespace)
	require.NoError(t, err, out)
	out, err = e.kubelet.run(t.Context(), "release", "--leader-elect-namespace="+namespace, "--timeout=1m")
	require.NoError(t, err, out)
	e.kubectl("delete", "-k", dir, "--ignore-not-found", "--timeout=2m")
	require.Empty(t, e.leftovers())
	require.Empty(t, e.definitions())
	for _, o := range native {
		e.remove(o)
	}
	e.gone(&unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace}}})
}
