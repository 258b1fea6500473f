package main

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// user runs the program: the user and the group of that number, which deploy/ names as well.
	user = 65532

	authoritiesFile = "/etc/ssl/certs/ca-certificates.crt" // where Go looks
	inventoryFile   = "/var/lib/db/sbom/" + program + ".spdx.json"
	licencesDir     = "/usr/share/licenses"
)

// file is a regular file of the image. Nobody may write it.
type file struct {
	path       string
	content    []byte
	executable bool
}

func (f file) mode() fs.FileMode {
	if f.executable {
		return 0o555
	}
	return 0o444
}

// rootfs is all that an image has, in the order of the paths.
type rootfs []file

// collect compiles the program and brings together what goes with it.
func collect(ctx context.Context, o options, p platform, from origin) (rootfs, error) {
	work, err := os.MkdirTemp("", "image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	output := filepath.Join(work, program)
	if err := compile(ctx, o.source, p, from, output); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(output)
	if err != nil {
		return nil, err
	}
	modules, err := linkedModules(ctx, o.source, p)
	if err != nil {
		return nil, err
	}
	roots, err := authoritiesOrigin(ctx, p)
	if err != nil {
		return nil, err
	}
	sbom, err := inventory(binary, modules, roots, p, from)
	if err != nil {
		return nil, err
	}
	trusted, err := authorities()
	if err != nil {
		return nil, err
	}
	files := rootfs{
		{path: "/" + program, content: binary, executable: true},
		{path: "/etc/passwd", content: fmt.Appendf(nil, "nonroot:x:%d:%d:nonroot:/:/sbin/nologin\n", user, user)},
		{path: "/etc/group", content: fmt.Appendf(nil, "nonroot:x:%d:\n", user)},
		{path: authoritiesFile, content: trusted},
		{path: inventoryFile, content: sbom},
	}
	modules[roots.path] = roots
	for _, m := range modules {
		files = append(files, m.licences()...)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// licences returns the files of a module's licences, each in a directory by the module's name.
func (m *module) licences() []file {
	files := make([]file, 0, len(m.texts))
	for _, name := range m.names() {
		files = append(files, file{path: path.Join(licencesDir, m.path, name), content: m.texts[name]})
	}
	return files
}

// find returns the content of a file.
func (fs rootfs) find(path string) []byte {
	for _, f := range fs {
		if f.path == path {
			return f.content
		}
	}
	return nil
}

// tar returns the files as a layer: owned by root, of one time, directories before what is in them.
func (fs rootfs) tar(created time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	seen := map[string]bool{".": true}
	var parents func(dir string) error
	parents = func(dir string) error {
		if seen[dir] {
			return nil
		}
		seen[dir] = true
		if err := parents(path.Dir(dir)); err != nil {
			return err
		}
		return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: created})
	}
	for _, f := range fs {
		name := strings.TrimPrefix(f.path, "/")
		if err := parents(path.Dir(name)); err != nil {
			return nil, err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(f.content)), Mode: int64(f.mode()), ModTime: created}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// writeRootfs writes the files of one image into a directory, with their modes and times.
func writeRootfs(ctx context.Context, o options) error {
	if len(o.platforms) == 0 {
		for _, p := range supported {
			if p.native() {
				o.platforms = platforms{p}
			}
		}
	}
	if len(o.platforms) != 1 {
		return fmt.Errorf("rootfs takes one platform: pass -platform with one of %s", supported.String())
	}
	from, err := originOf(ctx, o)
	if err != nil {
		return err
	}
	files, err := collect(ctx, o, o.platforms[0], from)
	if err != nil {
		return err
	}
	for _, f := range files {
		at := filepath.Join(o.output, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, f.content, 0o644); err != nil {
			return err
		}
		if err := os.Chmod(at, f.mode()); err != nil {
			return err
		}
		if err := os.Chtimes(at, from.created, from.created); err != nil {
			return err
		}
	}
	return nil
}
