package plugin

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/export"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestATrustDomainIsExportedAndApplied(t *testing.T) {
	e := newEnv(t)
	e.apply(shop + "\n---\n{kind: KubernetesSecret, metadata: {name: keys}, spec: {stringData: {a: open-sesame}}}")
	e.awaitShop()
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.tar.gz")
	var out output
	require.NoError(t, e.command(t.Context(), export.NewCommand(), &out, e.domain, "-o", file))
	assert.Contains(t, out.String(), "3 objects were exported.\n")
	assert.Contains(t, out.String(), "to be supplied: KubernetesSecret "+e.domain+"/keys, type Opaque, with the keys a\n")
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	files := unpack(t, file, dir)
	assert.Equal(t, []string{"00-trustdomain.yaml", "06-service.yaml", "10-slice.yaml", "README.txt", "apply.sh"}, files)
	calls, err := func() ([]byte, error) {
		cmd := exec.Command(filepath.Join(dir, "xos-export", "apply.sh"), "--context=a b")
		cmd.Env = append(os.Environ(), "KUBECTL=echo")
		return cmd.CombinedOutput()
	}()
	require.NoError(t, err, string(calls))
	assert.Equal(t, "apply --server-side -f 00-trustdomain.yaml --context=a b\n"+
		"wait --for=condition=Ready --timeout=5m trustdomain.xos.opencord.org/"+e.domain+" --context=a b\n"+
		"apply --server-side -f 06-service.yaml --context=a b\napply --server-side -f 10-slice.yaml --context=a b\n", string(calls))

	// The manifests are what the API server accepts, and all that is needed.
	require.NoError(t, e.xos.XosV1().Slices(e.domain).Delete(t.Context(), "web", metav1.DeleteOptions{}))
	testkit.AwaitGone(t, e.xos.XosV1().Slices(e.domain).Get, "web")
	for _, name := range files[:3] {
		text, err := os.ReadFile(filepath.Join(dir, "xos-export", name))
		require.NoError(t, err)
		e.apply(string(text))
	}
	testkit.Await(t, e.xos.XosV1().Slices(e.domain).Get, "web", ready[*xosv1.Slice])
}

// unpack unpacks an archive, and returns the names of its files.
func unpack(t *testing.T, file, dir string) []string {
	t.Helper()
	zipped, err := os.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, zipped.Close()) }()
	archive, err := gzip.NewReader(zipped)
	require.NoError(t, err)
	var names []string
	require.NoError(t, os.Mkdir(filepath.Join(dir, "xos-export"), 0o700))
	for files := tar.NewReader(archive); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		require.NoError(t, err)
		text, err := io.ReadAll(files)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, header.Name), text, os.FileMode(header.Mode)))
		names = append(names, filepath.Base(header.Name))
	}
}
