package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync"
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/clientgo/leaderelection" // its metrics
	_ "k8s.io/component-base/metrics/prometheus/restclient"              // its metrics
	_ "k8s.io/component-base/metrics/prometheus/workqueue"               // its metrics
	"k8s.io/klog/v2"
)

// health is the state behind /healthz and /readyz.
type health struct {
	// over returns why this process may not lead any more; nil if it takes no part in an election.
	over func() error

	mu sync.Mutex
	// unfilled returns the caches that are not filled yet; nil while this process does not lead.
	unfilled func() []string
	// stuck returns what has been reconciled for longer than a limit.
	stuck func(limit time.Duration) []string
	// since is when this process began to lead.
	since time.Time
}

const (
	// fillDeadline is far longer than the caches of a large cluster take (docs/benchmarks.md): a
	// process whose caches are not filled by then has, for instance, a watch that hangs.
	fillDeadline = 15 * time.Minute
	// passDeadline is far longer than a pass takes: the API server answers each request within a minute.
	passDeadline = 10 * time.Minute
)

// working makes health and readiness depend on the caches and the passes of the process that leads.
func (h *health) working(unfilled func() []string, stuck func(limit time.Duration) []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unfilled, h.stuck, h.since = unfilled, stuck, time.Now()
}

// healthy fails as soon as the Lease is lost, also while the process exits and if it does not; and
// where another process would do better, since caches are never filled or passes never end.
func (h *health) healthy(*http.Request) error {
	if h.over != nil {
		if err := h.over(); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfilled == nil {
		return nil
	}
	if left := h.unfilled(); len(left) > 0 && time.Since(h.since) > fillDeadline {
		return fmt.Errorf("caches have not been filled for %s: %s", fillDeadline, strings.Join(left, ", "))
	}
	if stuck := h.stuck(passDeadline); len(stuck) > 0 {
		return fmt.Errorf("passes do not end: %s", strings.Join(stuck, ", "))
	}
	return nil
}

func (h *health) ready(*http.Request) error {
	if err := h.healthy(nil); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfilled == nil {
		return nil // a process that waits to lead is ready
	}
	if left := h.unfilled(); len(left) > 0 {
		return fmt.Errorf("caches are being filled: %s", strings.Join(left, ", "))
	}
	return nil
}

// serve serves the health and metrics addresses until the context ends. The group, which is
// returned with an error too, is done when all servers have stopped.
func serve(ctx context.Context, o *options, h *health) (*sync.WaitGroup, error) {
	probes := http.NewServeMux()
	probes.HandleFunc("/healthz", answer(h.healthy))
	probes.HandleFunc("/readyz", answer(h.ready))
	figures := http.NewServeMux()
	// Not compressed: a hundred kilobytes a scrape are less than the 1.6 MiB of
	// memory that the compressor would take.
	figures.Handle("/metrics", metrics.HandlerFor(legacyregistry.DefaultGatherer, metrics.HandlerOpts{DisableCompression: true}))
	if o.profiling {
		figures.HandleFunc("/debug/pprof/", pprof.Index)
		figures.HandleFunc("/debug/pprof/profile", pprof.Profile)
		figures.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	var serving sync.WaitGroup
	for _, e := range []struct {
		flag, address string
		handler       http.Handler
	}{
		{"--health-probe-bind-address", o.healthAddress, probes},
		{"--metrics-bind-address", o.metricsAddress, figures},
	} {
		if e.address == "0" || e.address == "" {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", e.address)
		if err != nil {
			return &serving, fmt.Errorf("%s: %w", e.flag, err)
		}
		server := &http.Server{Handler: e.handler, ReadHeaderTimeout: 10 * time.Second}
		serving.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				klog.FromContext(ctx).Error(err, "An endpoint stopped", "flag", e.flag)
			}
		})
		context.AfterFunc(ctx, func() { _ = server.Close() })
		klog.FromContext(ctx).V(1).Info("Serving", "flag", e.flag, "address", listener.Addr().String())
	}
	return &serving, nil
}

func answer(check func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := check(r); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	}
}
