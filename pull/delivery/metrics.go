package delivery

import (
	"k8s.io/component-base/metrics"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// EventsTotal counts the events that were sent, or tried to be.
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

func countEvent(status xosv1.EventStatus, result string) {
	EventsTotal.WithLabelValues(string(status), result).Inc()
}
