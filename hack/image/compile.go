package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// mainPackage is the package of the program, in the module of the service.
const mainPackage = "./cmd/" + program

// environment is that in which Go builds and lists the program: that of the user but for what
// would change the binary.
func environment(p platform) []string {
	return append(os.Environ(),
		"GOOS=linux", "GOARCH="+p.arch(), "GOAMD64=v1", "GOARM64=v8.0",
		"CGO_ENABLED=0", // static
		"GOWORK=off", "GOFIPS140=off",
		// An empty variable would let "go env -w" decide.
		"GOFLAGS=-mod=readonly",
	)
}

// linkerFlags strip what depends on the machine, and what only a debugger reads. Stack traces and
// profiles need neither. The client library's version is what requests name as the user agent.
func linkerFlags(o origin) string {
	return strings.Join([]string{
		"-s", "-w", "-buildid=",
		"-X", "main.version=" + o.version,
		"-X", "k8s.io/client-go/pkg/version.gitVersion=" + o.version,
		"-X", "k8s.io/client-go/pkg/version.gitCommit=" + o.revision,
	}, " ")
}

// compile builds the program, static and without a path of this machine in it.
func compile(ctx context.Context, source string, p platform, o origin, output string) error {
	// The version control stamp would make a build from an archive of the source differ from one in a
	// checkout. What it says is in the version.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags="+linkerFlags(o), "-o", output, mainPackage)
	cmd.Dir, cmd.Env = source, environment(p)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build for %s: %w\n%s", p, err, out)
	}
	return nil
}
