// Command memory measures what the manager's memory and its start cost in a large cluster: it runs
// against a scripted API server that lists and watches that many pods and their records. It asserts
// nothing; it prints a table and writes bin/bench/memory.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

const (
	// mostMemory is the resident set that is wanted for each pod, in KiB, above that of a manager
	// of an empty cluster.
	mostMemory = 4
	// rest is how long the manager uses no processor before it counts as synced.
	rest = 3 * time.Second
)

func main() {
	var s shape
	flag.IntVar(&s.pods, "pods", 100_000, "pods, each with its record")
	flag.IntVar(&s.namespaces, "namespaces", 500, "namespaces that they are in")
	manager := flag.String("manager", "bin/xos-controller-manager", "the manager's program")
	profile := flag.String("profile", "", "directory for a profile of the manager's heap; none where empty")
	events := flag.Bool("events", false, "have the manager publish events too, to nowhere: then it knows what it published of each pod")
	settle := flag.Duration("settle", 150*time.Second, "how long the manager is at rest before its memory is read: Go collects garbage every two minutes at least")
	out := flag.String("out", "bin/bench/memory.json", "where to write the figures")
	flag.Parse()
	debug.SetGCPercent(25) // the server shares the machine with the manager
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, program{*manager, *profile, *events, *settle}, *out); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

// program is the manager, and what is wanted of it.
type program struct {
	manager, profile string
	events           bool
	settle           time.Duration
}

// figures are what a run of the manager came to.
type figures struct {
	// filled is when all caches are filled, synced when nothing waits in a queue any more.
	filled, synced time.Duration
	cpu            float64
	// settled is the resident set after a time at rest, resident when everything is synced; all in
	// MiB.
	settled, resident, peak float64
	sent                    measure.Requests
}

func run(ctx context.Context, s shape, p program, out string) (err error) {
	logs, err := os.MkdirTemp("", "xos-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(logs)) }()
	empty, err := turn(ctx, shape{namespaces: 1}, p, logs, "empty", 1)
	if err != nil {
		return err
	}
	full, err := turn(ctx, s, p, logs, "full", 2)
	if err != nil {
		return err
	}
	var t measure.Table
	report(&t, s, empty[0], full[1])
	t.Plain("processor time of the first run, which makes the other records", full[0].cpu, "s")
	return t.Finish(out)
}

// turn runs the manager so many times, one after the other, against one cluster: the first of them
// makes the records of what pods depend on, and any later one finds all as it should be.
func turn(ctx context.Context, s shape, p program, logs, name string, times int) ([]figures, error) {
	fmt.Fprintf(os.Stderr, "%s: %d pods\n", name, s.pods)
	api, err := newServer(s)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	serving := &http.Server{Handler: api, ReadHeaderTimeout: time.Minute}
	go func() { _ = serving.Serve(listener) }()
	defer serving.Close()
	kubeconfig := filepath.Join(logs, name+".kubeconfig")
	if err := writeKubeconfig(kubeconfig, "http://"+listener.Addr().String()); err != nil {
		return nil, err
	}
	var all []figures
	for n := range times {
		f, err := once(ctx, p, kubeconfig, filepath.Join(logs, fmt.Sprintf("%s-%d.log", name, n)), n == times-1)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%s: filled in %v, synced in %v, %.1f s of processor time, %.1f MiB then, %.1f MiB at rest, %.1f MiB at most, %.0f writes\n",
			name, f.filled.Round(time.Millisecond), f.synced.Round(time.Millisecond), f.cpu, f.resident, f.settled, f.peak, f.sent.Writes())
		all = append(all, f)
	}
	for _, miss := range api.misses() {
		fmt.Fprintln(os.Stderr, "not answered:", miss)
	}
	return all, nil
}

// once runs the manager until it is at rest.
func once(ctx context.Context, p program, kubeconfig, log string, last bool) (f figures, err error) {
	var flags []string
	if p.events {
		flags = append(flags, "--event-log")
	}
	if p.profile != "" {
		flags = append(flags, "--profiling")
	}
	started := time.Now()
	m, err := measure.StartManager(ctx, p.manager, kubeconfig, log, flags...)
	if err != nil {
		return f, err
	}
	defer m.Stop()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	if err := m.AwaitReady(ctx); err != nil {
		return f, err
	}
	f.filled = time.Since(started)
	if err := m.AwaitIdle(ctx, rest); err != nil {
		return f, err
	}
	f.synced, f.cpu, f.resident, f.peak = time.Since(started)-rest, m.CPU(), m.Resident(), m.Peak()
	if last {
		select {
		case <-time.After(p.settle):
		case <-ctx.Done():
			return f, ctx.Err()
		}
	}
	if f.sent, err = m.Requests(ctx); err != nil {
		return f, err
	}
	f.settled = m.Resident()
	if p.profile != "" && last {
		return f, m.Profile(ctx, "heap?gc=1", filepath.Join(p.profile, "heap.pprof"))
	}
	return f, nil
}

func writeKubeconfig(file, host string) error {
	config := clientcmdapi.NewConfig()
	config.Clusters["memory"] = &clientcmdapi.Cluster{Server: host}
	config.Contexts["memory"] = &clientcmdapi.Context{Cluster: "memory"}
	config.CurrentContext = "memory"
	return clientcmd.WriteToFile(*config, file)
}

// report makes the rows of the table. What the records and all else of a pod cost is the pod's.
func report(t *measure.Table, s shape, empty, full figures) {
	perPod := func(mib float64) float64 { return (mib - empty.settled) * 1024 / float64(s.pods) }
	t.Plain("pods", float64(s.pods), "")
	t.Plain("resident memory of an empty cluster's manager", empty.settled, "MiB")
	t.Plain("resident memory at rest", full.settled, "MiB")
	t.AtMost("resident memory a pod, at rest", perPod(full.settled), "KiB", mostMemory)
	t.Plain("resident memory when synced", full.resident, "MiB")
	t.Plain("resident memory a pod, when synced", perPod(full.resident), "KiB")
	t.Plain("peak memory", full.peak, "MiB")
	t.Plain("caches filled", full.filled.Seconds(), "s")
	t.Plain("synced", full.synced.Seconds(), "s")
	t.Plain("manager's processor time", full.cpu, "s")
	t.AtMost("writes", full.sent.Writes(), "", 0)
	t.Plain("requests", full.sent.All(), "")
}
