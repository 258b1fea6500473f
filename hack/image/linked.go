package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is a Go module of which something is linked into the program, or put into the image.
type module struct {
	path    string
	version string
	dir     string
	// texts are its licences and notices, by their paths in the module.
	texts map[string][]byte
}

// standard is the name under which vulnerability scanners know Go's standard library.
const standard = "stdlib"

// licenceFile matches the names of files that must go with what they are about.
var licenceFile = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying|notice|patents)([-_.].*)?$`)

// isLicence tells a licence from source code of that name, and from the heading of a project's files.
func isLicence(name string) bool {
	return licenceFile.MatchString(name) && !strings.HasSuffix(name, ".go") && !strings.Contains(strings.ToLower(name), "template")
}

// listed is what "go list" prints of a package.
type listed struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{ Path, Version, Dir string }
	}
}

// linkedModules returns the modules of which something is linked into the program, by path. The
// licences are those that hold for a linked package: in its directory or above it, since parts of a
// module come from elsewhere. The service's own module is among them, and so is Go's own library.
func linkedModules(ctx context.Context, source string, p platform) (map[string]*module, error) {
	packages, err := list(ctx, source, p, "-deps", mainPackage)
	if err != nil {
		return nil, err
	}
	found := map[string]*module{}
	for _, l := range packages {
		if l.Standard || l.Module == nil {
			continue
		}
		m := found[l.Module.Path]
		if m == nil {
			m = &module{path: l.Module.Path, version: l.Module.Version, dir: l.Module.Dir, texts: map[string][]byte{}}
			if r := l.Module.Replace; r != nil {
				m.version, m.dir = r.Version, r.Dir
			}
			found[m.path] = m
		}
		if err := m.addTexts(l.Dir); err != nil {
			return nil, err
		}
	}
	lib, err := standardLibrary(ctx, source, p)
	if err != nil {
		return nil, err
	}
	found[standard] = lib
	return found, nil
}

func list(ctx context.Context, dir string, p platform, args ...string) ([]listed, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,Standard,Module"}, args...)...)
	cmd.Dir, cmd.Env = dir, environment(p)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list %s: %w", strings.Join(args, " "), err)
		}
		packages = append(packages, l)
	}
}

// standardLibrary describes Go's own library, of the Go that builds the program.
func standardLibrary(ctx context.Context, source string, p platform) (*module, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION")
	cmd.Dir, cmd.Env = source, environment(p)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	m := &module{path: standard, version: version, dir: root, texts: map[string][]byte{}}
	if err := m.addTexts(root); err != nil {
		return nil, err
	}
	if len(m.texts) == 0 { // some distributions keep it beside
		if err := m.addTexts(filepath.Join(root, "src")); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// addTexts adds the licences of a directory and of those above it, up to the module's.
func (m *module) addTexts(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		rel, err := filepath.Rel(m.dir, dir)
		if err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("module %s: %s is not in its directory %s", m.path, dir, m.dir)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("module %s: %w", m.path, err)
		}
		for _, e := range entries {
			name := filepath.ToSlash(filepath.Join(rel, e.Name()))
			if m.texts[name] != nil || !e.Type().IsRegular() || !isLicence(e.Name()) {
				continue
			}
			if m.texts[name], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("module %s: %w", m.path, err)
			}
		}
		if rel == "." {
			return nil
		}
	}
}

// names returns the paths of the module's licences, sorted.
func (m *module) names() []string {
	names := make([]string, 0, len(m.texts))
	for name := range m.texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
