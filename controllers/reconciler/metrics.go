package reconciler

import (
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
)

var (
	reconcileTotal = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_reconcile_total",
		Help:           "Passes over custom resources, by kind and outcome.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind", "outcome"})
	reconcileSeconds = metrics.NewHistogramVec(&metrics.HistogramOpts{
		Name:           "xos_reconcile_duration_seconds",
		Help:           "How long a pass over a custom resource took, its requests included, by kind.",
		Buckets:        metrics.ExponentialBuckets(0.0001, 4, 9),
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind"})
	repairsPaced = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_contested_repairs_total",
		Help:           "Passes that found a native object contested by another client, by the object's kind. Its repairs are paced.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"child"})
)

// RegisterMetrics adds the reconciler's metrics to the process's registry.
func RegisterMetrics() {
	legacyregistry.MustRegister(reconcileTotal, reconcileSeconds, repairsPaced)
}

func observeReconcile(kind string, r result, took time.Duration) {
	reconcileTotal.WithLabelValues(kind, r.outcome).Inc()
	reconcileSeconds.WithLabelValues(kind).Observe(took.Seconds())
}
