package main

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdxlib"
)

// machines are what an ELF file says of the architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkImage checks the configuration of an image and each of its files.
func checkImage(ctx context.Context, image v1.Image) (checked, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return checked{}, err
	}
	p := platform(config.OS + "/" + config.Architecture)
	if !slices.Contains(supported, p) {
		return checked{}, fmt.Errorf("its configuration has platform %s, which is none of %s", p, supported.String())
	}
	if want := fmt.Sprintf("%d:%d", user, user); config.Config.User != want {
		return checked{}, fmt.Errorf("its user is %q, not %s", config.Config.User, want)
	}
	if want := []string{"/" + program}; !slices.Equal(config.Config.Entrypoint, want) || len(config.Config.Cmd) > 0 {
		return checked{}, fmt.Errorf("it starts %q %q, not %q", config.Config.Entrypoint, config.Config.Cmd, want)
	}
	layers, err := image.Layers()
	if err != nil {
		return checked{}, err
	}
	if len(layers) != 1 {
		return checked{}, fmt.Errorf("it has %d layers, not one", len(layers))
	}
	files, err := readLayer(layers[0], config.Created.Time)
	if err != nil {
		return checked{}, err
	}
	found := checked{platform: p, files: len(files), sbom: files[strings.TrimPrefix(inventoryFile, "/")]}
	for _, name := range []string{program, "etc/passwd", "etc/group", strings.TrimPrefix(authoritiesFile, "/"), strings.TrimPrefix(inventoryFile, "/")} {
		if len(files[name]) == 0 {
			return checked{}, fmt.Errorf("there is no /%s in it, or it is empty", name)
		}
	}
	binary := files[program]
	if err := checkStatic(binary, p); err != nil {
		return checked{}, fmt.Errorf("/%s: %w", program, err)
	}
	if found.modules, err = checkInventory(binary, found.sbom); err != nil {
		return checked{}, fmt.Errorf("%s: %w", inventoryFile, err)
	}
	if p.native() {
		version := config.Config.Labels["org.opencontainers.image.version"]
		if err := checkRuns(ctx, binary, version); err != nil {
			return checked{}, fmt.Errorf("/%s: %w", program, err)
		}
		found.ran = ", and its program runs"
	}
	return found, nil
}

// readLayer returns the files of a layer. Each must be a regular file or a directory of root's, of the
// image's own time, that the program can't write and that gives nobody a right.
func readLayer(layer v1.Layer, created time.Time) (map[string][]byte, error) {
	in, err := layer.Uncompressed()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, err
		}
		mode := map[byte]int64{tar.TypeReg: 0o444, tar.TypeDir: 0o755}[h.Typeflag]
		if h.Name == program {
			mode = 0o555
		}
		switch {
		case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeDir:
			return nil, fmt.Errorf("/%s is neither a file nor a directory", h.Name)
		case h.Mode != mode:
			return nil, fmt.Errorf("/%s has mode %#o, not %#o", h.Name, h.Mode, mode)
		case h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "":
			return nil, fmt.Errorf("/%s belongs to %d:%d (%s:%s), not to 0:0 without names", h.Name, h.Uid, h.Gid, h.Uname, h.Gname)
		case !h.ModTime.Equal(created):
			return nil, fmt.Errorf("/%s is of %s, and the image of %s", h.Name, h.ModTime.UTC(), created)
		case !filepath.IsLocal(h.Name):
			return nil, fmt.Errorf("%s is not a path in the image", h.Name)
		}
		if h.Typeflag == tar.TypeReg {
			if files[h.Name], err = io.ReadAll(r); err != nil {
				return nil, err
			}
		}
	}
}

// checkStatic checks that a program is one of the platform's, and needs no other file to start.
func checkStatic(binary []byte, p platform) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return err
	}
	if f.Machine != machines[p.arch()] {
		return fmt.Errorf("it is of %s, not of %s", f.Machine, machines[p.arch()])
	}
	for _, segment := range f.Progs {
		if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
			return fmt.Errorf("it is not static: it has a segment %s", segment.Type)
		}
	}
	return nil
}

// checkInventory checks that the SBOM is a valid document and names each module that the program
// does, in its version. It returns how many there are.
func checkInventory(binary, sbom []byte) (int, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return 0, err
	}
	doc, err := spdxjson.Read(bytes.NewReader(sbom))
	if err != nil {
		return 0, err
	}
	if err := spdxlib.ValidateDocument(doc); err != nil {
		return 0, err
	}
	named := map[string]*spdx.Package{}
	for _, p := range doc.Packages {
		named[p.PackageName] = p
	}
	want := map[string]string{standard: strings.TrimPrefix(info.GoVersion, "go")}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		want[dep.Path] = dep.Version
	}
	for path, version := range want {
		switch p := named[path]; {
		case p == nil:
			return 0, fmt.Errorf("module %s is missing", path)
		case p.PackageVersion != version:
			return 0, fmt.Errorf("module %s has version %s, and in the program %s", path, p.PackageVersion, version)
		case p.PackageLicenseDeclared == "" || p.PackageLicenseDeclared == noAssertion:
			return 0, fmt.Errorf("module %s has no licence", path)
		}
	}
	if named[info.Main.Path] == nil {
		return 0, fmt.Errorf("the program's own module %s is missing", info.Main.Path)
	}
	return len(want), nil
}

// checkRuns starts the program without an environment, and compares its version.
func checkRuns(ctx context.Context, binary []byte, version string) error {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	at := filepath.Join(dir, program)
	if err := os.WriteFile(at, binary, 0o700); err != nil {
		return err
	}
	for argument, want := range map[string]string{"--version": version + "\n", "--help": "--kubeconfig"} {
		cmd := exec.CommandContext(ctx, at, argument)
		cmd.Env = []string{}
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", argument, err, out)
		}
		if !strings.Contains(string(out), want) {
			return fmt.Errorf("%s does not print %q: %s", argument, want, out)
		}
	}
	return nil
}
