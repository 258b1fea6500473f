package decode

import (
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
)

var undecodable = metrics.NewCounterVec(&metrics.CounterOpts{
	Name:           "xos_undecodable_objects_total",
	Help:           "Custom resources that were read and could not be decoded, by kind. Each counts as often as it was read; its conditions name the field.",
	StabilityLevel: metrics.ALPHA,
}, []string{"kind"})

// RegisterMetrics makes the package's metric part of the process's registry.
func RegisterMetrics() { legacyregistry.MustRegister(undecodable) }
