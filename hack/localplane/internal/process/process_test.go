package process

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	grace = 20 * time.Second
	short = 10 * time.Millisecond
)

// shell starts a shell that runs script, after it has said "up".
func shell(t *testing.T, script string) (*Child, Spec) {
	t.Helper()
	dir := t.TempDir()
	spec := Spec{
		Name: "shell", Path: "/bin/sh", Args: []string{"-c", "echo up; " + script},
		Dir: dir, Log: filepath.Join(dir, "shell.log"), RecordDir: dir, Env: os.Environ(),
	}
	child, err := Start(spec)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, child.Stop(0)) })
	require.Eventually(t, func() bool {
		said, err := os.ReadFile(spec.Log)
		return err == nil && len(said) > 0
	}, grace, short)
	return child, spec
}

func TestAChildStopsWhenItIsAsked(t *testing.T) {
	child, spec := shell(t, "trap 'echo bye; exit 0' TERM; while :; do sleep 0.01; done")
	require.FileExists(t, filepath.Join(spec.RecordDir, "shell.json"))
	require.NoError(t, child.Stop(grace))
	said, err := os.ReadFile(spec.Log)
	require.NoError(t, err)
	require.Equal(t, "up\nbye\n", string(said))
	require.NoFileExists(t, filepath.Join(spec.RecordDir, "shell.json"))
}

func TestAChildThatDoesNotListenIsKilled(t *testing.T) {
	child, _ := shell(t, "trap '' TERM; while :; do sleep 0.01; done")
	require.NoError(t, child.Stop(short))
	require.ErrorContains(t, child.Failure(), "signal: killed")
}

func TestAChildThatIsGoneStopsWithoutError(t *testing.T) {
	child, _ := shell(t, "exit 0")
	<-child.Done()
	require.NoError(t, child.Stop(grace))
}

func TestAFailureNamesTheChildItsLogAndItsLastWords(t *testing.T) {
	child, spec := shell(t, "echo it hurts >&2; exit 3")
	<-child.Done()
	require.EqualError(t, child.Failure(),
		"shell ended unasked (exit status 3); its log is "+spec.Log+" and ends with:\n\tup\n\tit hurts")
}

func TestAProgramThatIsNotThereIsNamed(t *testing.T) {
	dir := t.TempDir()
	_, err := Start(Spec{Name: "ghost", Path: filepath.Join(dir, "ghost"), Log: filepath.Join(dir, "log"), RecordDir: dir})
	require.ErrorContains(t, err, "start ghost")
}

func TestWhatAnEarlierParentLeftIsKilled(t *testing.T) {
	child, spec := shell(t, "trap '' TERM; while :; do sleep 0.01; done")
	names, err := Sweep(t.Context(), spec.RecordDir)
	require.NoError(t, err)
	require.Equal(t, []string{"shell"}, names)
	<-child.Done()
	require.NoFileExists(t, filepath.Join(spec.RecordDir, "shell.json"))
}

func TestAProcessThatOnlyHasTheSameIDIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "other.json")
	// This very process, as if another one had had its ID at another time.
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `{"pid":%d,"start":"long ago"}`, os.Getpid()), 0o600))
	names, err := Sweep(t.Context(), dir)
	require.NoError(t, err)
	require.Empty(t, names)
	require.NoFileExists(t, path)
}

func TestARecordThatWasCutOffIsDropped(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "half.json"), []byte(`{"pid":1,"st`), 0o600))
	names, err := Sweep(t.Context(), dir)
	require.NoError(t, err)
	require.Empty(t, names)
}

func TestTheEndOfALongLogIsShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var long []byte
	for i := range 10_000 {
		long = fmt.Appendf(long, "line %d\n", i)
	}
	require.NoError(t, os.WriteFile(path, long, 0o600))
	tail := Tail(path)
	require.NotContains(t, tail, "line 9984\n")
	require.Contains(t, tail, "\tline 9985\n")
	require.Contains(t, tail, "\tline 9999")
}
