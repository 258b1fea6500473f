package engine

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
	childWrites = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_child_writes_total",
		Help:           "Writes to native objects, by the owner's kind, the object's kind and the verb.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind", "child", "verb"})
	driftRepairs = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_drift_repairs_total",
		Help:           "Native objects that somebody else had changed and that were set right, by the owner's kind and the object's kind.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind", "child"})
	repairsPaced = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_contested_repairs_total",
		Help:           "Passes that found a native object contested by another client, by the object's kind. Its repairs are paced.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"child"})
	panicsTotal = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_panics_total",
		Help:           "Panics that were ended over one object, by the kind or resource that was worked on.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"what"})
)

// RegisterMetrics makes the engine's metrics part of the process's registry.
func RegisterMetrics() {
	legacyregistry.MustRegister(reconcileTotal, reconcileSeconds, childWrites, driftRepairs, repairsPaced, panicsTotal)
}

func observeReconcile(kind string, r result, took time.Duration) {
	reconcileTotal.WithLabelValues(kind, r.outcome).Inc()
	reconcileSeconds.WithLabelValues(kind).Observe(took.Seconds())
}

// CountWrite counts a write to an object that was made for a custom resource.
func CountWrite(kind, child, verb string) { childWrites.WithLabelValues(kind, child, verb).Inc() }

// CountDrift counts an object that somebody else had changed and that was set
// right.
func CountDrift(kind, child string) { driftRepairs.WithLabelValues(kind, child).Inc() }
