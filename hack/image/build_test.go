package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTwoDirectoriesGiveTheSameBytes(t *testing.T) {
	one, other := fixtureOptions(t), fixtureOptions(t)
	require.NoError(t, build(t.Context(), one))
	require.NoError(t, build(t.Context(), other))
	names, err := checkSums(one.output)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"xos-controller-manager-linux-amd64.spdx.json", "xos-controller-manager-linux-amd64.tar",
		"xos-controller-manager-linux-arm64.spdx.json", "xos-controller-manager-linux-arm64.tar",
		"xos-controller-manager.tar",
	}, names)
	require.NoError(t, compare(one.output, other.output, names))
	require.NoError(t, verify(t.Context(), one))

	t.Run("and another source gives others", func(t *testing.T) {
		write(t, filepath.Join(other.source, "cmd/xos-controller-manager/more.go"), "package main\n\nfunc init() { println() }\n")
		commit(t, other.source)
		require.NoError(t, build(t.Context(), other))
		err := compare(one.output, other.output, names)
		for _, name := range append(names, checksums) {
			assert.ErrorContains(t, err, name+": two builds differ")
		}
	})
	t.Run("and a file that is changed after the build is found", func(t *testing.T) {
		archive := filepath.Join(one.output, archiveName(""))
		content, err := os.ReadFile(archive)
		require.NoError(t, err)
		content[len(content)/2] ^= 1
		require.NoError(t, os.WriteFile(archive, content, 0o644))
		assert.ErrorContains(t, verify(t.Context(), one), archiveName("")+": its checksum is")
		_, err = checkArchive(t.Context(), archive)
		assert.ErrorContains(t, err, "blob blobs/sha256/")
	})
}

func TestABuildRemovesAnEarlierOne(t *testing.T) {
	o := fixtureOptions(t)
	require.NoError(t, build(t.Context(), o))
	o.platforms = platforms{"linux/amd64"}
	require.NoError(t, build(t.Context(), o))
	entries, err := os.ReadDir(o.output)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	assert.Equal(t, []string{"SHA256SUMS", "xos-controller-manager-linux-amd64.spdx.json", "xos-controller-manager-linux-amd64.tar"}, names)
}

func TestNothingToVerifyIsAnError(t *testing.T) {
	err := verify(t.Context(), options{output: t.TempDir()})
	assert.ErrorContains(t, err, "run make image")
}

func TestRootfsIsWhatTheLayerHas(t *testing.T) {
	o := fixtureOptions(t)
	o.version, o.revision = fixtureOrigin.version, fixtureOrigin.revision
	o.platforms = platforms{"linux/arm64"}
	require.NoError(t, writeRootfs(t.Context(), o))
	for _, f := range fixtureFiles(t, "linux/arm64") {
		at := filepath.Join(o.output, f.path)
		content, err := os.ReadFile(at)
		require.NoError(t, err)
		assert.Equal(t, string(f.content), string(content), f.path)
		info, err := os.Stat(at)
		require.NoError(t, err)
		assert.Equal(t, f.mode(), info.Mode(), f.path)
		assert.True(t, info.ModTime().Equal(fixtureOrigin.created), f.path)
	}
	o.platforms = supported
	assert.ErrorContains(t, writeRootfs(t.Context(), o), "takes one platform")
}
