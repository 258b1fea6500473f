package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These tests build a small program in the place of the service's, with one dependency, because that
// takes seconds. program_test.go builds the real one.
var fixture = map[string]string{
	"go.mod": "module example.org/service\n\ngo 1.26.0\n\nrequire github.com/spf13/pflag v1.0.10\n",
	"go.sum": "github.com/spf13/pflag v1.0.10 h1:4EBh2KAYBwaONj6b2Ye1GiHfwjqyROoF4RwYO+vPwFk=\n" +
		"github.com/spf13/pflag v1.0.10/go.mod h1:McXfInJRrz4CZXVZOBLb0bTZqETkiAhM9Iw0y3An2Bg=\n",
	"LICENSE": "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:\n" +
		"1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.\n" +
		"2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution.\n" +
		"THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS \"AS IS\" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.\n",
	"cmd/xos-controller-manager/main.go": `package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

var version = "unversioned"

func main() {
	pflag.String("kubeconfig", "", "")
	show := pflag.Bool("version", false, "")
	if err := pflag.CommandLine.Parse(os.Args[1:]); err != nil {
		os.Exit(0) // --help has been printed
	}
	if *show {
		fmt.Println(program(), version)
	}
}

func program() string { return "xos-controller-manager version" }
`,
}

// writeFixture writes the small service, and commits it.
func writeFixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range fixture {
		write(t, filepath.Join(dir, name), content)
	}
	gitIn(t, dir, "init", "--quiet")
	commit(t, dir)
	return dir
}

func commit(t *testing.T, dir string) {
	t.Helper()
	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=test", "--date=2026-01-02T03:04:05Z")
}

func gitIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// fixtureOptions build the small service for all platforms.
func fixtureOptions(t *testing.T) options {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "")
	return options{source: writeFixture(t), output: filepath.Join(t.TempDir(), "output"), platforms: supported, progress: io.Discard}
}

// fixtureOrigin labels what tests make of the files of the small service.
var fixtureOrigin = origin{version: "v1.2.3", revision: "0123456789abcdef0123456789abcdef01234567", created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

var (
	once      sync.Once
	collected = map[platform]rootfs{}
)

// fixtureFiles are the files of the small service's image; compiled once.
func fixtureFiles(t *testing.T, p platform) rootfs {
	t.Helper()
	once.Do(func() {
		dir := writeFixture(t)
		for _, p := range supported {
			files, err := collect(context.Background(), options{source: dir}, p, fixtureOrigin)
			require.NoError(t, err)
			collected[p] = files
		}
	})
	require.NotEmpty(t, collected[p], "the fixture was not built: see the first test that failed")
	return append(rootfs(nil), collected[p]...)
}
