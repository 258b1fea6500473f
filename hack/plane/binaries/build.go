package binaries

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kubernetesModule is the module whose version the API server reports.
const kubernetesModule = "k8s.io/kubernetes"

// builder builds the programs of a source.
type builder struct {
	source   string
	tags     string
	progress io.Writer
}

// program is one thing to build.
type program struct {
	name    string
	dir     string
	pkg     string
	ldflags string
	note    string
}

// planePrograms are those of the local control plane.
func (b builder) planePrograms(ctx context.Context) ([]program, error) {
	version, err := b.kubernetesVersion(ctx)
	if err != nil {
		return nil, err
	}
	return []program{
		{name: "localplane", dir: b.source, pkg: ".", ldflags: versionFlags(version),
			note: "building the local control plane (first time only, about 5 minutes)"},
		{name: "kwok", dir: filepath.Join(b.source, "kwok"), pkg: "sigs.k8s.io/kwok/cmd/kwok",
			note: "building kwok, which plays the nodes (first time only, about 1 minute)"},
	}, nil
}

// build builds into a directory beside target, which it then becomes: a build
// that was broken off leaves no target.
func (b builder) build(ctx context.Context, programs []program, cache, target string) error {
	draft, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	for _, p := range programs {
		if err := b.buildOne(ctx, p, filepath.Join(draft, p.name)); err != nil {
			return err
		}
	}
	return os.Rename(draft, target)
}

func (b builder) buildOne(ctx context.Context, p program, out string) error {
	count := newCounter(b.progress, p.note)
	defer count.stop()
	flags := []string{"-trimpath", "-buildvcs=false", "-tags=" + b.tags}

	// What is in Go's build cache already takes no time and is not counted.
	list := append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, flags...)
	stale, err := run(goCommand(ctx, p.dir, append(list, p.pkg)...), count)
	if err != nil {
		return fmt.Errorf("list what %s is made of: %w", p.name, err)
	}
	count.expect(bytes.Count(stale, []byte("\n")))

	build := append([]string{"build", "-v", "-ldflags=-s -w " + p.ldflags, "-o", out}, flags...)
	if _, err := run(goCommand(ctx, p.dir, append(build, p.pkg)...), count); err != nil {
		return fmt.Errorf("build %s: %w", p.name, err)
	}
	return nil
}

// run runs the go tool and returns what it prints; what it says besides moves
// the counter, or is part of the error.
func run(cmd *exec.Cmd, count *counter) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	said := watch(stderr, count)
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("%w:\n%s", err, said)
	}
	return out.Bytes(), nil
}

// watch counts the packages that "go build -v" names and returns all else it
// says. Such a line is an import path: no blank in it, and no colon.
func watch(stderr io.Reader, count *counter) string {
	var said bytes.Buffer
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "go: downloading "):
			count.downloading(strings.TrimPrefix(line, "go: downloading "))
		case strings.ContainsAny(line, " :\t"):
			fmt.Fprintln(&said, line)
		default:
			count.compiled()
		}
	}
	return said.String()
}

func (b builder) kubernetesVersion(ctx context.Context) (string, error) {
	cmd := goCommand(ctx, b.source, "list", "-m", "-f", "{{.Version}}", kubernetesModule)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", cmd, err)
	}
	version := strings.TrimSpace(string(out))
	if strings.Count(version, ".") < 2 {
		return "", errors.New("module " + kubernetesModule + " has version " + version)
	}
	return version, nil
}

// versionFlags set the version of the components at link time; Kubernetes'
// own build does the same.
func versionFlags(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	var flags []string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, set := range []string{
			"gitVersion=" + version, "gitMajor=" + parts[0], "gitMinor=" + parts[1], "gitTreeState=clean",
		} {
			flags = append(flags, "-X "+pkg+"."+set)
		}
	}
	return strings.Join(flags, " ")
}
