// Package manager runs the program itself, as the deployed ServiceAccount: how it
// begins and ends, what it does to the other replica, and what its account may do.
// The API server's audit log is the judge of what was sent.
package manager

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/test/plane"
)

const (
	crdDir = "../../crds"
	// patience is far longer than anything takes whose duration is not the point.
	patience = time.Minute
	program  = "xos.opencord.org/kubernetes-service/cmd/xos-controller-manager"
)

// binary is the program; TestMain builds it.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "xos-manager-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "xos-controller-manager")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, program).CombinedOutput(); err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(err, errors.New(string(out))))
		return 1
	}
	return plane.Main(m, plane.Options{CRDs: crdDir, Nodes: 2, AuditLog: true})
}
