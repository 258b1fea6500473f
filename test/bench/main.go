// Command bench measures how fast custom resources become native objects, and
// what that costs, against a floor: a raw client that makes the same minimal
// writes on the same control plane in the same run. It asserts nothing; it prints
// a table and writes bin/bench/materialize.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// sizes are how many custom resources of each kind are made.
type sizes struct {
	configMaps, instances, slices, resourceInstances int
}

func main() {
	var n sizes
	flag.IntVar(&n.configMaps, "configmaps", 2000, "KubernetesConfigMaps to make")
	flag.IntVar(&n.instances, "instances", 500, "KubernetesServiceInstances to make, each with a mount")
	flag.IntVar(&n.slices, "slices", 200, "Slices to make, each a Deployment of one pod")
	flag.IntVar(&n.resourceInstances, "resourceinstances", 200, "KubernetesResourceInstances to make, each of five documents")
	idle := flag.Duration("idle", time.Minute, "how long to count requests at rest")
	program := flag.String("manager", "bin/xos-controller-manager", "the manager's program")
	caches := flag.String("caches", "bin/caches", "the program that fills the manager's caches and does nothing else")
	out := flag.String("out", "bin/bench/materialize.json", "where to write the figures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, n, *idle, programs{*program, *caches}, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n sizes, idle time.Duration, p programs, out string) (err error) {
	b, err := newBench(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	for i, s := range scenarios(n, managedPrefixes[0]) {
		if s.count == 0 {
			continue
		}
		var t turns
		for _, prefix := range managedPrefixes {
			t.managed = append(t.managed, scenarios(n, prefix)[i])
		}
		for _, prefix := range floorPrefixes {
			t.floor = append(t.floor, scenarios(n, prefix)[i])
		}
		if err := b.measure(ctx, t, p, idle); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.table.Finish(out)
}
