package plane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// shared is the plane of this test process; Main sets it before any test runs.
var shared *Plane

// Main starts one plane for all tests of a package, runs them and stops it. It
// returns the exit code; where the plane doesn't come up it says why and returns
// 1. With XOS_PLANE_KUBECONFIG set it uses the plane that is up already, whose
// API server flags are then taken on trust.
func Main(m *testing.M, options Options) int {
	plane, stop, err := open(context.Background(), options, os.Stderr)
	if err != nil {
		fmt.Fprintf(os.Stderr, "no control plane for the tests: %v\n", err)
		return 1
	}
	shared = plane
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
	p, err := start(tb.Context(), options, out)
	if err != nil {
		tb.Fatalf("start a fresh plane: %v", err)
	}
	tb.Cleanup(func() {
		if err := p.discard(out); err != nil {
			tb.Errorf("discard the fresh plane: %v", err)
		}
	})
	return p
}

// Stop stops a fresh plane; clients find nobody until Start.
func (p *Plane) Stop(tb testing.TB) {
	tb.Helper()
	if err := p.down(); err != nil {
		tb.Fatalf("stop the plane: %v", err)
	}
}

// Start starts a fresh plane that was stopped. With Options.KeepData it comes
// back at the same address with the same data, so that clients go on as after
// an outage; otherwise it is empty, and Config has to be asked again.
func (p *Plane) Start(tb testing.TB) {
	tb.Helper()
	if err := p.up(tb.Context(), tb.Output()); err != nil {
		tb.Fatalf("start the plane again: %v", err)
	}
}

// open starts a plane or takes the one that is up already.
func open(ctx context.Context, options Options, progress io.Writer) (*Plane, func() error, error) {
	if kubeconfig := os.Getenv(kubeconfigEnv); kubeconfig != "" {
		p, err := attach(ctx, kubeconfig, options)
		return p, func() error { return nil }, err
	}
	p, err := start(ctx, options, progress)
	if err != nil {
		return nil, nil, err
	}
	return p, func() error { return p.discard(progress) }, nil
}

// attach takes a plane that is up already, which must have what options ask for.
func attach(ctx context.Context, kubeconfig string, options Options) (*Plane, error) {
	p := &Plane{Dir: filepath.Dir(kubeconfig), options: options}
	if err := p.take(ctx); err != nil {
		return nil, fmt.Errorf("use the plane of %s=%s: %w", kubeconfigEnv, kubeconfig, err)
	}
	if options.Kafka && p.Kafka == "" {
		return nil, errors.New("the plane that is up has no Kafka: start it with --kafka")
	}
	if options.AuditLog && p.AuditLog == "" {
		return nil, errors.New("the plane that is up has no audit log: start it with --audit-log")
	}
	return p, nil
}
