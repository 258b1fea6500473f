package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheProgramBuildsTwiceAlike builds the service's own image for this machine's architecture, from
// this directory and from a copy elsewhere, and checks what is in it. "make image-verify" does the same
// for all, with an empty build cache.
func TestTheProgramBuildsTwiceAlike(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1767323045")
	var here platform
	for _, p := range supported {
		if p.native() {
			here = p
		}
	}
	if here == "" {
		here = supported[0] // not to be started here, but all else holds
	}
	source, err := filepath.Abs("../..")
	require.NoError(t, err)
	one := options{source: source, output: t.TempDir(), platforms: platforms{here}, version: "v1.2.3-test", revision: fixtureOrigin.revision, progress: testWriter{t}}
	require.NoError(t, build(t.Context(), one))
	require.NoError(t, verify(t.Context(), one))

	other := one
	other.source, other.output = filepath.Join(t.TempDir(), "elsewhere"), t.TempDir()
	require.NoError(t, copySource(t.Context(), one.source, other.source))
	require.NoError(t, build(t.Context(), other))
	require.NoError(t, compare(one.output, other.output, []string{archiveName(here), sbomName(here)}))
	checkDocker(t, filepath.Join(one.output, archiveName(here)))
}

// checkDocker follows manifest.json as a Docker without containerd's image store does.
func checkDocker(t *testing.T, archive string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, unpack(archive, dir))
	read := func(name string, into any) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(content, into))
	}
	var entries []dockerManifest
	read("manifest.json", &entries)
	require.Len(t, entries, 1)
	assert.Equal(t, []string{"xos-controller-manager:v1.2.3-test"}, entries[0].RepoTags)
	var config v1.ConfigFile
	read(entries[0].Config, &config)
	assert.Equal(t, "65532:65532", config.Config.User)
	require.Len(t, entries[0].Layers, len(config.RootFS.DiffIDs))
	for _, layer := range entries[0].Layers {
		assert.FileExists(t, filepath.Join(dir, layer))
	}
}

// testWriter writes progress to the log of a test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Log(string(line))
	return len(line), nil
}
