// Package plane gives tests a real Kubernetes control plane; see package launch for
// what it is and which environment variables it heeds. A package starts one for all
// its tests in TestMain and keeps them apart by namespace; a test that needs to be
// alone starts a fresh one.
//
//	func TestMain(m *testing.M) {
//		os.Exit(plane.Main(m, plane.Options{Nodes: 2, CRDs: "../../crds"}))
//	}
//
//	func TestService(t *testing.T) {
//		p := plane.Shared(t)
//		client := kubernetes.NewForConfigOrDie(p.Config())
//		namespace := plane.Namespace(t, p)
//		...
//		plane.Wait(t, 30*time.Second, func(ctx context.Context) (bool, string) { ... })
//	}
//
// The programs of a plane are built on first use, which may take longer than "go
// test" lets a package run: "go run ./hack/plane build" before.
package plane

import (
	"context"
	"fmt"
	"os"
	"testing"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
)

// Options say what a plane has.
type Options = launch.Options

// Plane is a control plane that runs.
type Plane struct{ *launch.Plane }

// shared is the plane of this test process; Main sets it before any test runs.
var shared *Plane

// Runner runs the tests of a package: a *testing.M, or what wraps one.
type Runner interface{ Run() int }

// Main starts one plane for all tests of a package, runs them and stops it. It
// returns the exit code; where the plane doesn't come up it says why and returns
// 1. With XOS_PLANE_KUBECONFIG set it uses the plane that is up already, whose
// API server flags are then taken on trust.
func Main(m Runner, options Options) int {
	p, stop, err := launch.Open(context.Background(), options, os.Stderr)
	if err != nil {
		fmt.Fprintf(os.Stderr, "no control plane for the tests: %v\n", err)
		return 1
	}
	shared = &Plane{p}
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintf(os.Stderr, "stop the control plane of the tests: %v\n", err)
		return max(code, 1)
	}
	return code
}

// Shared returns the plane that Main started.
func Shared(tb testing.TB) *Plane {
	tb.Helper()
	if shared == nil {
		tb.Fatal("no shared plane: the package's TestMain has to call plane.Main")
	}
	return shared
}

// Fresh starts a plane for this test alone and stops it when the test ends.
// Fresh planes take some ten seconds and 700 MB each.
func Fresh(tb testing.TB, options Options) *Plane {
	tb.Helper()
	out := tb.Output()
	p, err := launch.Start(tb.Context(), options, out)
	if err != nil {
		tb.Fatalf("start a fresh plane: %v", err)
	}
	tb.Cleanup(func() {
		if err := p.Discard(out); err != nil {
			tb.Errorf("discard the fresh plane: %v", err)
		}
	})
	return &Plane{p}
}

// Stop stops a fresh plane; clients find nobody until Start.
func (p *Plane) Stop(tb testing.TB) {
	tb.Helper()
	if err := p.Down(); err != nil {
		tb.Fatalf("stop the plane: %v", err)
	}
}

// Start starts a fresh plane that was stopped. With Options.KeepData it comes
// back at the same address with the same data, so that clients go on as after
// an outage; otherwise it is empty, and Config has to be asked again.
func (p *Plane) Start(tb testing.TB) {
	tb.Helper()
	if err := p.Up(tb.Context(), tb.Output()); err != nil {
		tb.Fatalf("start the plane again: %v", err)
	}
}
