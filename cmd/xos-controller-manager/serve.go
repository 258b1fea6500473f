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

	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/clientgo/leaderelection" // its metrics
	_ "k8s.io/component-base/metrics/prometheus/restclient"              // its metrics
	_ "k8s.io/component-base/metrics/prometheus/workqueue"               // its metrics
	"k8s.io/klog/v2"
)

// health is what /healthz and /readyz answer from.
type health struct {
	mu       sync.Mutex
	watchdog *leaderelection.HealthzAdaptor
	// unfilled names the caches that are still to be filled; nil while no process
	// leads.
	unfilled func() []string
}

// leader makes the election's own watchdog part of /healthz.
func (h *health) leader(timeout time.Duration) *leaderelection.HealthzAdaptor {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchdog = leaderelection.NewLeaderHealthzAdaptor(timeout)
	return h.watchdog
}

// working makes readiness wait for the caches of the process that leads.
func (h *health) working(unfilled func() []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unfilled = unfilled
}

func (h *health) healthy(request *http.Request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchdog == nil {
		return nil
	}
	return h.watchdog.Check(request)
}

func (h *health) ready(*http.Request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfilled == nil {
		return nil // a process that waits to lead is ready to
	}
	if left := h.unfilled(); len(left) > 0 {
		return fmt.Errorf("caches are being filled: %s", strings.Join(left, ", "))
	}
	return nil
}

// serve answers on the health and metrics addresses until the context ends.
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
			return nil, fmt.Errorf("%s: %w", e.flag, err)
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
