package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/clientgo/leaderelection" // its metrics
	_ "k8s.io/component-base/metrics/prometheus/restclient"              // its metrics
	_ "k8s.io/component-base/metrics/prometheus/workqueue"               // its metrics
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/guard"
)

// serve serves the health and metrics addresses until the context ends. The group, which is
// returned with an error too, is done when all servers have stopped. config is that of the cluster
// which decides who may read secured metrics.
func serve(ctx context.Context, o *options, h *health, config *rest.Config) (*sync.WaitGroup, error) {
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
	guarded, security, err := secure(o, figures, config)
	if err != nil {
		return &serving, err
	}
	for _, e := range []struct {
		flag, address string
		handler       http.Handler
		security      *tls.Config
	}{
		{"--health-probe-bind-address", o.healthAddress, probes, nil},
		{"--metrics-bind-address", o.metricsAddress, guarded, security},
	} {
		if e.address == "0" || e.address == "" {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", e.address)
		if err != nil {
			return &serving, fmt.Errorf("%s: %w", e.flag, err)
		}
		if e.security != nil {
			listener = tls.NewListener(listener, e.security)
		}
		server := &http.Server{Handler: e.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
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

// secure returns the handler of the metrics and how their connections are encrypted; nil where
// they are in plain text.
func secure(o *options, figures http.Handler, config *rest.Config) (http.Handler, *tls.Config, error) {
	if !o.metricsSecure {
		return figures, nil, nil
	}
	security, err := guard.TLSConfig(o.metricsCertFile, o.metricsKeyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("--metrics-secure: %w", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, nil, fmt.Errorf("--metrics-secure: %w", err)
	}
	return guard.New(client).Protect(figures), security, nil
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
