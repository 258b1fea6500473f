package main

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// dockerManifest is an entry of manifest.json, by which a Docker without containerd's image store
// finds the image in an archive.
type dockerManifest struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// writeArchive writes an index as an OCI image layout in a tar. What index.json has is the index
// alone, since Podman and Skopeo take an archive without being told a name only if there is one
// entry. An archive of one platform has Docker's manifest.json as well, which can't name two.
func writeArchive(to string, index v1.ImageIndex, images []built, o origin) error {
	work, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	in, err := layout.Write(work, empty.Index)
	if err != nil {
		return err
	}
	name := program + ":" + o.version
	if err := in.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": o.version,
		"io.containerd.image.name":          "docker.io/library/" + name, // what "docker build -t" writes
	})); err != nil {
		return err
	}
	if len(images) == 1 {
		entry, err := dockerEntry(images[0].image, name)
		if err != nil {
			return err
		}
		content, err := json.Marshal([]dockerManifest{entry})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(work, "manifest.json"), content, 0o644); err != nil {
			return err
		}
	}
	return pack(to, work, o)
}

func dockerEntry(image v1.Image, name string) (dockerManifest, error) {
	manifest, err := image.Manifest()
	if err != nil {
		return dockerManifest{}, err
	}
	entry := dockerManifest{Config: blobPath(manifest.Config.Digest), RepoTags: []string{name}}
	for _, layer := range manifest.Layers {
		entry.Layers = append(entry.Layers, blobPath(layer.Digest))
	}
	return entry, nil
}

func blobPath(digest v1.Hash) string { return "blobs/" + digest.Algorithm + "/" + digest.Hex }

// pack writes a directory as a tar that depends on names and contents alone.
func pack(to, dir string, o origin) error {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	w := tar.NewWriter(out)
	// WalkDir goes by name.
	err = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || at == dir {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(at, dir+string(filepath.Separator)))
		if d.IsDir() {
			return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755, ModTime: o.created})
		}
		content, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o644, ModTime: o.created}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err == nil {
		err = w.Close()
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", to, err)
	}
	return nil
}
