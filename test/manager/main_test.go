// Package manager runs the program itself, as the deployed ServiceAccount: how it
// begins and ends, what it does to the other replica, and what its account may do.
// The API server's audit log is the judge of what was sent.
package manager

import (
	"fmt"
	"os"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

const (
	// waitTimeout is far longer than anything takes whose duration is not the point.
	waitTimeout = time.Minute
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
	if binary, err = program.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return plane.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2, AuditLog: true})
}
