package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tested = platform("linux/arm64")

// fixtureImage makes an image of the small service's files, after a change to its configuration and
// to each header of its layer.
func fixtureImage(t *testing.T, files rootfs, config func(*v1.ConfigFile), header func(*tar.Header)) v1.Image {
	t.Helper()
	image, err := newImage(files, tested, fixtureOrigin)
	require.NoError(t, err)
	was, err := image.ConfigFile()
	require.NoError(t, err)
	content, err := files.tar(fixtureOrigin.created)
	require.NoError(t, err)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for r := tar.NewReader(bytes.NewReader(content)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		header(h)
		require.NoError(t, w.WriteHeader(h))
		if h.Typeflag == tar.TypeReg {
			_, err = io.Copy(w, r)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	changed := was.DeepCopy()
	changed.RootFS.DiffIDs, changed.History = []v1.Hash{}, nil
	config(changed)
	image, err = mutate.ConfigFile(mutate.MediaType(empty.Image, types.OCIManifestSchema1), changed)
	require.NoError(t, err)
	image, err = mutate.AppendLayers(image, static.NewLayer(out.Bytes(), types.OCIUncompressedLayer))
	require.NoError(t, err)
	return image
}

func TestAFlawInAnImageIsFound(t *testing.T) {
	same, sameHeader := func(*v1.ConfigFile) {}, func(*tar.Header) {}
	only := func(name string, change func(*tar.Header)) func(*tar.Header) {
		return func(h *tar.Header) {
			if h.Name == name {
				change(h)
			}
		}
	}
	for sentence, test := range map[string]struct {
		config func(*v1.ConfigFile)
		header func(*tar.Header)
		want   string
	}{
		"it is root's":             {func(c *v1.ConfigFile) { c.Config.User = "" }, sameHeader, `its user is ""`},
		"it starts a shell":        {func(c *v1.ConfigFile) { c.Config.Entrypoint = []string{"/bin/sh"} }, sameHeader, `it starts ["/bin/sh"]`},
		"it has arguments":         {func(c *v1.ConfigFile) { c.Config.Cmd = []string{"--event-log"} }, sameHeader, "it starts"},
		"an unknown platform":      {func(c *v1.ConfigFile) { c.Architecture = "riscv64" }, sameHeader, "platform linux/riscv64"},
		"another architecture":     {func(c *v1.ConfigFile) { c.Architecture = "amd64" }, sameHeader, "it is of EM_AARCH64, not of EM_X86_64"},
		"a program that is setuid": {same, only(program, func(h *tar.Header) { h.Mode |= 0o4000 }), "/xos-controller-manager has mode 04555, not 0555"},
		"a program to write":       {same, only(program, func(h *tar.Header) { h.Mode |= 0o200 }), "has mode 0755, not 0555"},
		"a file to write":          {same, only("etc/passwd", func(h *tar.Header) { h.Mode = 0o644 }), "/etc/passwd has mode 0644, not 0444"},
		"a directory to write":     {same, only("etc/", func(h *tar.Header) { h.Mode = 0o1777 }), "/etc/ has mode 01777"},
		"a file of the builder's":  {same, only("etc/group", func(h *tar.Header) { h.Uid = 1000 }), "/etc/group belongs to 1000:0"},
		"a name of the builder's":  {same, only("etc/group", func(h *tar.Header) { h.Uname = "me" }), "/etc/group belongs to 0:0 (me:)"},
		"a file of now":            {same, only("etc/group", func(h *tar.Header) { h.ModTime = h.ModTime.Add(time.Hour) }), "/etc/group is of 2026-01-02 04:04:05"},
		"a link":                   {same, only("etc/group", func(h *tar.Header) { h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, "/x", 0 }), "/etc/group is neither a file nor a directory"},
		"a file beyond the root":   {same, only("etc/group", func(h *tar.Header) { h.Name = "../group" }), "../group is not a path"},
		"a file that is missing":   {same, only("etc/group", func(h *tar.Header) { h.Name = "etc/groups" }), "there is no /etc/group"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := checkImage(t.Context(), fixtureImage(t, fixtureFiles(t, tested), test.config, test.header))
			assert.ErrorContains(t, err, test.want)
		})
	}
	t.Run("and none where there is none", func(t *testing.T) {
		found, err := checkImage(t.Context(), fixtureImage(t, fixtureFiles(t, tested), same, sameHeader))
		require.NoError(t, err)
		assert.Equal(t, tested, found.platform)
		assert.Equal(t, 2, found.modules, "pflag, and Go's library")
	})
	t.Run("two layers", func(t *testing.T) {
		image := fixtureImage(t, fixtureFiles(t, tested), same, sameHeader)
		image, err := mutate.AppendLayers(image, static.NewLayer([]byte("more"), types.OCIUncompressedLayer))
		require.NoError(t, err)
		_, err = checkImage(t.Context(), image)
		assert.ErrorContains(t, err, "it has 2 layers, not one")
	})
}

func TestAFlawInAnSBOMIsFound(t *testing.T) {
	files := fixtureFiles(t, tested)
	binary, sbom := files.find("/"+program), string(files.find(inventoryFile))
	for sentence, test := range map[string]struct{ old, changed, want string }{
		"a module is missing":    {`"name": "github.com/spf13/pflag"`, `"name": "github.com/spf13/flag"`, "module github.com/spf13/pflag is missing"},
		"another version":        {`"versionInfo": "v1.0.10"`, `"versionInfo": "v1.0.9"`, "module github.com/spf13/pflag has version v1.0.9, and in the program v1.0.10"},
		"Go is missing":          {`"name": "stdlib"`, `"name": "lib"`, "module stdlib is missing"},
		"the service is missing": {`"name": "example.org/service"`, `"name": "example.org/other"`, "own module example.org/service is missing"},
		"no licence":             {`"licenseDeclared": "BSD-3-Clause"`, `"licenseDeclared": "NOASSERTION"`, "has no licence"},
		"an unknown element":     {`"relatedSpdxElement": "SPDXRef-Package-stdlib`, `"relatedSpdxElement": "SPDXRef-Package-nothing`, "no such package exists"},
		"no SPDX":                {`"spdxVersion": "SPDX-2.3"`, `"spdxVersion": "0"`, "version: 0"},
	} {
		t.Run(sentence, func(t *testing.T) {
			changed := strings.ReplaceAll(sbom, test.old, test.changed)
			require.NotEqual(t, sbom, changed)
			_, err := checkInventory(binary, []byte(changed))
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestAFlawInAnAttestationIsFound(t *testing.T) {
	files := fixtureFiles(t, tested)
	image, err := newImage(files, tested, fixtureOrigin)
	require.NoError(t, err)
	digest, err := image.Digest()
	require.NoError(t, err)
	size, err := image.Size()
	require.NoError(t, err)
	of := v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: digest, Size: size}
	sbom := files.find(inventoryFile)
	attestation, err := attest(&of, sbom, tested)
	require.NoError(t, err)

	require.NoError(t, checkAttestation(attestation, of, sbom))
	assert.ErrorContains(t, checkAttestation(nil, of, sbom), "no manifest attests it")
	assert.ErrorContains(t, checkAttestation(attestation, of, []byte("{}")), "it is another one than")
	other := of
	other.Digest.Hex = strings.Repeat("0", 64)
	assert.ErrorContains(t, checkAttestation(attestation, other, sbom), "not to the image sha256:000")
	referring := mutate.Subject(attestation, other).(v1.Image)
	assert.ErrorContains(t, checkAttestation(referring, other, sbom), "its statement is about")
}

func TestADynamicProgramIsFound(t *testing.T) {
	assert.ErrorContains(t, checkStatic([]byte("#!/bin/sh\nexec sh "+strings.Repeat("#", 64)), tested), "bad magic number")
	assert.ErrorContains(t, checkStatic(dynamicELF(), tested), "it is not static: it has a segment PT_INTERP")
}

// dynamicELF is the least of a program for arm64 that names an interpreter.
func dynamicELF() []byte {
	file := make([]byte, 64+56)
	copy(file, "\x7fELF\x02\x01\x01")
	file[16], file[18], file[20] = 2, 183, 1               // ET_EXEC, EM_AARCH64, version
	file[32], file[52], file[54], file[56] = 64, 64, 56, 1 // program headers: where, sizes, how many
	file[58] = 64                                          // size of a section header
	file[64] = 3                                           // PT_INTERP
	return file
}
