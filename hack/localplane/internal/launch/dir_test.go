package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADirectoryInUseIsRefusedAndTheHolderNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plane")
	first, err := openDir(path)
	require.NoError(t, err)
	_, err = openDir(path)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, fmt.Sprintf("%s, by process %d", path, os.Getpid()))

	require.NoError(t, first.release())
	again, err := openDir(path)
	require.NoError(t, err)
	require.NoError(t, again.release())
}

func TestADirectoryThatHoldsSomethingElseIsRefusedUntouched(t *testing.T) {
	path := t.TempDir()
	mine := filepath.Join(path, "data")
	require.NoError(t, os.WriteFile(mine, []byte("dear"), 0o600))
	_, err := openDir(path)
	require.ErrorContains(t, err, `neither empty nor that of an earlier plane (it holds "data")`)
	require.FileExists(t, mine)
}

func openAndFill(t *testing.T) *dir {
	t.Helper()
	d, err := openDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.release()) })
	require.NoError(t, d.prepare(false))
	for _, path := range []string{d.kubeconfig(), d.ready(), d.ports(), d.log("etcd"), filepath.Join(d.data(), "db"), filepath.Join(d.pki(), "ca.crt")} {
		require.NoError(t, writeFile(path, []byte("old")))
	}
	return d
}

func TestAStartThrowsAwayWhatIsNotToBeKept(t *testing.T) {
	d := openAndFill(t)
	require.NoError(t, d.prepare(false))
	for _, path := range []string{d.kubeconfig(), d.ready(), d.ports(), d.log("etcd"), filepath.Join(d.data(), "db"), filepath.Join(d.pki(), "ca.crt")} {
		require.NoFileExists(t, path)
	}
}

func TestAStartKeepsDataButNotTheAnnouncement(t *testing.T) {
	d := openAndFill(t)
	require.NoError(t, d.prepare(true))
	for _, path := range []string{d.ports(), d.log("etcd"), filepath.Join(d.data(), "db"), filepath.Join(d.pki(), "ca.crt")} {
		require.FileExists(t, path)
	}
	require.NoFileExists(t, d.kubeconfig())
	require.NoFileExists(t, d.ready())
}

func TestPortsAreTheSameWhenAPlaneIsStartedAnew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ports.json")
	first, err := pickAddresses(t.Context(), file)
	require.NoError(t, err)
	second, err := pickAddresses(t.Context(), file)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Len(t, map[int]bool{
		first.Etcd: true, first.EtcdPeer: true, first.APIServer: true,
		first.ControllerManager: true, first.Scheduler: true, first.Kafka: true,
	}, 6, "each has a port of its own")
}
