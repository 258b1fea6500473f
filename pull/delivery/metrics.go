package delivery

import (
	"k8s.io/component-base/metrics"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// EventsTotal counts the events that were published, or tried to be.
var EventsTotal = metrics.NewCounterVec(&metrics.CounterOpts{
	Name:           "xos_events_total",
	Help:           "Events, by the kind of their entity (pods are kubernetesserviceinstance), status (created, updated, deleted) and result (acknowledged, failed, lost). A failed one is tried again.",
	StabilityLevel: metrics.ALPHA,
}, []string{"kind", "status", "result"})

const (
	acknowledgedResult = "acknowledged"
	failedResult       = "failed"
	lostResult         = "lost"
)

// countUnits counts the events of units: each is on the topic of the inventory, whatever other
// topics have it too.
func countUnits(units []Unit, result string) {
	for _, unit := range units {
		for _, m := range unit.Messages {
			if m.Topic == event.Inventory && m.Status != "" {
				EventsTotal.WithLabelValues(string(unit.Entity.Kind), string(m.Status), result).Inc()
			}
		}
	}
}
