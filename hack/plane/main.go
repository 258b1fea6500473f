// Plane runs a local Kubernetes control plane from the source tree:
//
//	go run ./hack/plane build
//	go run ./hack/plane tool helm flux      # builds tools alone, and prints where they are
//	go run ./hack/plane up --dir /tmp/plane --nodes 2
//	go run ./hack/plane kubectl --kubeconfig /tmp/plane/kubeconfig get nodes
//
// It builds the programs when they are not built yet and then becomes
// localplane, with the arguments it was given; see hack/localplane.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "plane: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == "tool" {
		return buildTools(ctx, args[1:])
	}
	programs, err := binaries.Ensure(ctx, os.Stderr)
	if err != nil {
		return err
	}
	if len(args) == 1 && args[0] == "build" {
		fmt.Println(programs.Localplane)
		return nil
	}
	return become(programs.Localplane, args)
}

// buildTools builds what a few tests need besides the plane.
func buildTools(ctx context.Context, names []string) error {
	for _, name := range names {
		tool, known := binaries.Tools()[name]
		if !known {
			return fmt.Errorf("no tool %q: there are %v", name, slices.Sorted(maps.Keys(binaries.Tools())))
		}
		path, err := tool.Ensure(ctx, os.Stderr)
		if err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}
