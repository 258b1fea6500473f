package delivery

import (
	"k8s.io/component-base/metrics"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// EventsTotal counts the events that were published, or tried to be.
var EventsTotal = metrics.NewCounterVec(&metrics.CounterOpts{
	Name:           "xos_events_total",
	Help:           "Events of pods, by their status (created, updated, deleted) and result (acknowledged, failed, lost). A failed one is tried again.",
	StabilityLevel: metrics.ALPHA,
}, []string{"status", "result"})

const (
	acknowledgedResult = "acknowledged"
	failedResult       = "failed"
	lostResult         = "lost"
)

// countUnits counts the events of units once, though both topics have them.
func countUnits(units []Unit, result string) {
	for _, unit := range units {
		for _, m := range unit.Messages {
			if m.Topic == event.Details {
				EventsTotal.WithLabelValues(string(m.Status), result).Inc()
			}
		}
	}
}
