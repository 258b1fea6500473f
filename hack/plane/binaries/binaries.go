// Package binaries builds the local control plane's programs when they are not
// built yet, and says where they are. They are kept beside Go's own build cache
// under a hash of what they are made of, so that one build serves all checkouts,
// test packages and runs until a version or a source file changes.
package binaries

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Binaries are the programs of a local control plane.
type Binaries struct {
	// Localplane is the launcher, the control plane's components and kubectl.
	Localplane string
	// Kwok plays nodes and kubelets.
	Kwok string
}

// Ensure returns the programs, built if need be. The first build takes about
// five minutes on two cores; it says on progress how far it is. Components that
// are in the directory KUBEBUILDER_ASSETS are left out of the build. Ensure may
// be called by many processes at once: one builds, the others wait. The working
// directory has to be in the module.
func Ensure(ctx context.Context, progress io.Writer) (Binaries, error) {
	source, err := findModule("localplane")
	if err != nil {
		return Binaries{}, err
	}
	b := builder{source: source, tags: externalTags(os.Getenv("KUBEBUILDER_ASSETS")), progress: progress}
	dir, err := b.ensure(ctx, b.planePrograms)
	if err != nil {
		return Binaries{}, fmt.Errorf("build the local control plane: %w", err)
	}
	return Binaries{Localplane: filepath.Join(dir, "localplane"), Kwok: filepath.Join(dir, "kwok")}, nil
}

// ensure returns the directory of a source's programs, built if need be. The directory
// is put in place only with all of them in it.
func (b builder) ensure(ctx context.Context, programs func(context.Context) ([]program, error)) (string, error) {
	env, err := goEnv(ctx, b.source)
	if err != nil {
		return "", err
	}
	hash, err := hashSource(b.source, env, b.tags)
	if err != nil {
		return "", err
	}
	cache := filepath.Join(env["GOCACHE"], "xos-localplane")
	target := filepath.Join(cache, hash)
	if isDir(target) {
		noteUse(target)
		return target, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache of built programs: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(cache, "build.lock"), b.progress)
	if err != nil {
		return "", err
	}
	defer unlock()
	// The previous holder of the lock may have built it.
	if isDir(target) {
		return target, nil
	}
	wanted, err := programs(ctx)
	if err != nil {
		return "", err
	}
	if err := b.build(ctx, wanted, cache, target); err != nil {
		return "", err
	}
	if err := prune(cache, time.Now().Add(-unusedFor)); err != nil {
		fmt.Fprintln(b.progress, err)
	}
	return target, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// findModule walks up from the working directory to the module's root, and returns where
// the module of this name is in hack.
func findModule(name string) (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		source := filepath.Join(dir, "hack", name)
		if _, err := os.Stat(filepath.Join(source, "go.mod")); err == nil {
			return source, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no hack/%s/go.mod above %s", name, start)
		}
	}
}

// goEnv returns where the build cache is and what else decides a build.
func goEnv(ctx context.Context, dir string) (map[string]string, error) {
	cmd := goCommand(ctx, dir, "env", "-json", "GOCACHE", "GOVERSION", "GOOS", "GOARCH")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", cmd, err)
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("read what %s printed: %w", cmd, err)
	}
	return env, nil
}

// goCommand is the go tool in dir, whatever workspace, flags or C compiler the
// caller has: the same build for all shares one cache.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	return cmd
}

// externalTags are the build tags that leave out the components which the
// assets directory holds.
func externalTags(assets string) string {
	if assets == "" {
		return ""
	}
	var tags []string
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		if info, err := os.Stat(filepath.Join(assets, name)); err == nil && info.Mode().IsRegular() {
			tags = append(tags, "external_"+strings.ReplaceAll(name, "-", "_"))
		}
	}
	return strings.Join(tags, ",")
}
