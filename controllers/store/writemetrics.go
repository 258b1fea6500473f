package store

import (
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
)

var (
	childWrites = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_child_writes_total",
		Help:           "Writes to native objects, by the owner's kind, the object's kind and the verb.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind", "child", "verb"})
	driftRepairs = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_drift_repairs_total",
		Help:           "Native objects that another client had changed and that were repaired, by the owner's kind and the object's kind.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"kind", "child"})
	panicsTotal = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_panics_total",
		Help:           "Panics that were ended over one object, by the kind or resource that was worked on.",
		StabilityLevel: metrics.ALPHA,
	}, []string{"what"})
)

// RegisterMetrics makes the counters of writes and panics part of the process's registry.
func RegisterMetrics() {
	legacyregistry.MustRegister(childWrites, driftRepairs, panicsTotal)
}

// CountWrite counts a write to an object that was made for a custom resource.
func CountWrite(kind, child, verb string) { childWrites.WithLabelValues(kind, child, verb).Inc() }

// CountDrift counts an object that another client had changed and that was repaired.
func CountDrift(kind, child string) { driftRepairs.WithLabelValues(kind, child).Inc() }
