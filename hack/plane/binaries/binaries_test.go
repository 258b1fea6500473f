package binaries

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func TestABuildIsNamedByAllThatDecidesItAndNothingElse(t *testing.T) {
	source := t.TempDir()
	env := map[string]string{"GOVERSION": "go1.26", "GOOS": "linux", "GOARCH": "amd64"}
	name := func(tags string) string {
		hash, err := hashSource(source, env, tags)
		require.NoError(t, err)
		return hash
	}
	write(t, filepath.Join(source, "main.go"), "package main")
	write(t, filepath.Join(source, "go.mod"), "module x")
	first := name("")

	write(t, filepath.Join(source, "main_test.go"), "package main")
	write(t, filepath.Join(source, "README.md"), "# Read me")
	require.Equal(t, first, name(""), "tests and documentation are not built")
	require.NotEqual(t, first, name("external_etcd"), "what is left out")

	write(t, filepath.Join(source, "go.mod"), "module y")
	second := name("")
	require.NotEqual(t, first, second, "another file content")
	require.NoError(t, os.Rename(filepath.Join(source, "main.go"), filepath.Join(source, "other.go")))
	require.NotEqual(t, second, name(""), "another file name")

	other := name("")
	env["GOVERSION"] = "go1.27"
	require.NotEqual(t, other, name(""), "another toolchain")
}

func TestWhatTheAssetsDirectoryHoldsIsNotBuilt(t *testing.T) {
	assets := t.TempDir()
	require.Empty(t, externalTags(""))
	require.Empty(t, externalTags(assets))
	write(t, filepath.Join(assets, "etcd"), "")
	write(t, filepath.Join(assets, "kube-apiserver"), "")
	write(t, filepath.Join(assets, "kubectl"), "")
	require.Equal(t, "external_etcd,external_kube_apiserver", externalTags(assets))
}

func TestTheSourceIsFoundFromAnyDirectoryOfTheModule(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "hack", "localplane", "go.mod"), "module x")
	below := filepath.Join(root, "a", "b")
	require.NoError(t, os.MkdirAll(below, 0o700))
	t.Chdir(below)
	source, err := findModule("localplane")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, "hack", "localplane"), source)

	t.Chdir(t.TempDir())
	_, err = findModule("localplane")
	require.ErrorContains(t, err, "no hack/localplane/go.mod above")
}

func TestGoToolOutputMovesTheCounterOrIsKept(t *testing.T) {
	var out bytes.Buffer
	count := newCounter(&out, "building")
	count.expect(3)
	said := watch(strings.NewReader(`go: downloading example.com/x v1.0.0
example.com/x
example.com/y/v2
# example.com/z
./z.go:3:1: undefined: nothing
`), count)
	count.stop()
	require.Equal(t, "# example.com/z\n./z.go:3:1: undefined: nothing\n", said)
	require.Equal(t, "building: looking at what there is to build, 0s\nbuilding: 2/3 packages, 0s\n", out.String())
}

func TestTheComponentsAreBuiltWithTheirVersion(t *testing.T) {
	flags := versionFlags("v1.36.3")
	require.Contains(t, flags, "-X k8s.io/component-base/version.gitVersion=v1.36.3 ")
	require.Contains(t, flags, "-X k8s.io/component-base/version.gitMinor=36 ")
	require.NotContains(t, flags, "\n")
}

func TestABuildWaitsForTheOneThatIsUnderWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	unlock, err := lock(t.Context(), path, new(bytes.Buffer))
	require.NoError(t, err)
	// The waiter says that it waits, and that lets the other one go.
	said := writerFunc(func(line []byte) {
		require.Contains(t, string(line), "waiting for another process")
		unlock()
	})
	again, err := lock(t.Context(), path, said)
	require.NoError(t, err)
	again()
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

func TestOnlyBuildsThatNobodyUsesAreRemoved(t *testing.T) {
	cache := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"used": time.Hour, "unused": 30 * time.Hour, "noted": 30 * time.Hour} {
		write(t, filepath.Join(cache, name, "kwok"), "")
		require.NoError(t, os.Chtimes(filepath.Join(cache, name), now.Add(-age), now.Add(-age)))
	}
	noteUse(filepath.Join(cache, "noted"))
	require.NoError(t, prune(cache, now.Add(-24*time.Hour)))
	require.DirExists(t, filepath.Join(cache, "used"))
	require.DirExists(t, filepath.Join(cache, "noted"))
	require.NoDirExists(t, filepath.Join(cache, "unused"))
}
