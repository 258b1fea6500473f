// Command pull measures the inventory and the events of pods: what it takes to record so many pods
// as fast as they are scheduled, some deletions and a restart, against a floor on the same plane in
// the same run. It asserts nothing; it prints a table and writes bin/bench/pull.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

// sizes are those of a run.
type sizes struct {
	pods, deleted, namespaces, nodes int
	idle                             time.Duration
}

func main() {
	var n sizes
	flag.IntVar(&n.pods, "pods", 10_000, "pods to create")
	flag.IntVar(&n.deleted, "deleted", 2_000, "pods of these to delete")
	flag.IntVar(&n.namespaces, "namespaces", 100, "namespaces that they are in")
	flag.IntVar(&n.nodes, "nodes", 20, "nodes that they run on")
	flag.DurationVar(&n.idle, "idle", 20*time.Second, "how long to count requests at rest")
	manager := flag.String("manager", "bin/xos-controller-manager", "the manager's program")
	out := flag.String("out", "bin/bench/pull.json", "where to write the figures")
	asFloor := flag.String("floor", "", "run as the floor on the plane of this kubeconfig; the bench itself does that")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *asFloor != "" {
		err = runFloor(ctx, *asFloor)
	} else {
		err = run(ctx, n, *manager, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pull:", err)
		os.Exit(1)
	}
}

// bench is a run: a plane, a broker, and what watches both.
type bench struct {
	sizes
	plane  *launch.Plane
	broker *kfake.Cluster
	logs   string
	kube   []kubernetes.Interface
	seen   *latencies
}

func run(ctx context.Context, n sizes, manager, out string) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	b := &bench{sizes: n, seen: newLatencies()}
	defer func() {
		cancel()
		err = errors.Join(err, b.close())
	}()
	if err := b.open(ctx); err != nil {
		return err
	}
	managed, err := b.managedTurn(ctx, manager)
	if err != nil {
		return err
	}
	floor, err := b.floorTurn(ctx)
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	var t measure.Table
	report(&t, n, managed, floor)
	return t.Finish(out)
}

func (b *bench) open(ctx context.Context) (err error) {
	if b.logs, err = os.MkdirTemp("", "xos-bench-"); err != nil {
		return err
	}
	if b.plane, err = launch.Start(ctx, launch.Options{Nodes: b.nodes, CRDs: "crds", NoAuditLog: true}, os.Stderr); err != nil {
		return err
	}
	if b.broker, err = kfake.NewCluster(kfake.NumBrokers(1)); err != nil {
		return err
	}
	for range connections {
		kube, err := newClient(b.plane.Config())
		if err != nil {
			return err
		}
		b.kube = append(b.kube, kube)
	}
	return b.seen.watchPods(ctx, b.kube[0])
}

// consume reads the events until the context ends, from the topics that the manager has made.
func (b *bench) consume(ctx context.Context) {
	go func() {
		if err := b.seen.consume(ctx, b.broker.ListenAddrs()[0]); err != nil {
			progress("read the events: %v", err)
		}
	}()
}

func (b *bench) close() error {
	if b.broker != nil {
		b.broker.Close()
	}
	if b.plane == nil {
		return os.RemoveAll(b.logs)
	}
	return errors.Join(b.plane.Discard(os.Stderr), os.RemoveAll(b.logs))
}

// newClient makes a client with a connection of its own and without limits.
func newClient(config *rest.Config) (kubernetes.Interface, error) {
	config.QPS, config.ContentType = -1, "application/vnd.kubernetes.protobuf"
	config.Dial = ownDial() // keeps client-go from sharing the connection
	return kubernetes.NewForConfig(config)
}

// managedTurn has the manager record the pods and publish their events.
func (b *bench) managedTurn(ctx context.Context, program string) (f figures, err error) {
	start := func(name string) (*measure.Manager, error) {
		return measure.StartManager(ctx, program, b.plane.Kubeconfig(), filepath.Join(b.logs, name+".log"),
			"--kafka-brokers="+b.broker.ListenAddrs()[0], "--kafka-create-topics", "--kafka-partitions=3")
	}
	m, err := start("manager")
	if err != nil {
		return f, err
	}
	defer func() { m.Stop() }()
	idle := func(ctx context.Context) error { return m.AwaitQuiet(ctx, quiet) }
	if err := idle(ctx); err != nil {
		return f, err
	}
	b.consume(ctx)
	if err := b.warm(ctx, managedTurn, idle); err != nil {
		return f, err
	}
	f.base = m.Resident()
	before, err := m.Requests(ctx)
	if err != nil {
		return f, err
	}
	if err := b.load(ctx, managedTurn, m.Pid(), idle, &f); err != nil {
		return f, err
	}
	loaded, err := m.Requests(ctx)
	if err != nil {
		return f, err
	}
	f.created, f.resident, f.peak = loaded.Minus(before), m.Resident(), m.Peak()
	if err := b.unload(ctx, managedTurn, m.Pid(), idle, &f); err != nil {
		return f, err
	}
	after, err := m.Requests(ctx)
	if err != nil {
		return f, err
	}
	f.ended = after.Minus(loaded)
	m.Stop()
	started := time.Now()
	if m, err = start("restart"); err != nil {
		return f, err
	}
	return f, b.restarted(ctx, m, started, &f)
}

// restarted measures a manager that finds all as it should be.
func (b *bench) restarted(ctx context.Context, m *measure.Manager, started time.Time, f *figures) (err error) {
	if err := m.AwaitQuiet(ctx, quiet); err != nil {
		return err
	}
	f.quiet = time.Since(started) - quiet
	if f.again, err = m.Requests(ctx); err != nil {
		return err
	}
	f.restartedResident = m.Resident()
	select {
	case <-time.After(b.idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := m.Requests(ctx)
	f.rested = after.Minus(f.again)
	return err
}
