package pull

import (
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/record"
)

var (
	resyncRepairs = metrics.NewCounterVec(&metrics.CounterOpts{
		Name:           "xos_pull_resync_repairs_total",
		Help:           "Pods and nodes that the watch had wrong and a full list set right, by what was missed (added, changed, deleted).",
		StabilityLevel: metrics.ALPHA,
	}, []string{"missed"})
	nameConflictsTotal = metrics.NewCounter(&metrics.CounterOpts{
		Name:           "xos_pull_obstructed_total",
		Help:           "Pods that are not inventoried because a managed KubernetesServiceInstance has their name.",
		StabilityLevel: metrics.ALPHA,
	})
	oldestPending = metrics.NewDesc("xos_events_oldest_pending_seconds",
		"How long the oldest event has been waiting for Kafka; 0 while none is.", nil, nil, metrics.ALPHA, "")
	pulledObjects = metrics.NewDesc("xos_pulled_objects",
		"Custom resources that the pull made, by kind.", []string{"kind"}, nil, metrics.ALPHA, "")
)

// RegisterMetrics makes the pull's counters, and the gauges of this puller, part
// of the process's registry.
func (p *Puller) RegisterMetrics() {
	legacyregistry.MustRegister(delivery.EventsTotal, resyncRepairs, nameConflictsTotal)
	legacyregistry.CustomMustRegister(&gauges{puller: p})
}

// gauges are computed when they are asked for.
type gauges struct {
	metrics.BaseStableCollector
	puller *Puller
}

// DescribeWithStability implements metrics.StableCollector.
func (g *gauges) DescribeWithStability(ch chan<- *metrics.Desc) {
	ch <- oldestPending
	ch <- pulledObjects
}

// CollectWithStability implements metrics.StableCollector.
func (g *gauges) CollectWithStability(ch chan<- metrics.Metric) {
	p := g.puller
	ch <- metrics.NewLazyConstMetric(oldestPending, metrics.GaugeValue, p.events.oldestWait().Seconds())
	count := func(kind string, n int) {
		ch <- metrics.NewLazyConstMetric(pulledObjects, metrics.GaugeValue, float64(n), kind)
	}
	count(record.InstanceKind, pulledOf(p.cluster.KubernetesServiceInstances.Resource))
	count("Slice", pulledOf(p.cluster.Slices.Resource))
	count("Principal", pulledOf(p.cluster.Principals.Resource))
	count("TrustDomain", pulledOf(p.cluster.TrustDomains.Resource))
	count(record.NodeRecordKind, pulledOf(p.cluster.KubernetesNodes.Resource))
	count("Image", pulledOf(p.cluster.Images.Resource))
}

func pulledOf[O store.Object](r *store.Resource[O]) int {
	return r.Count(byPulled, xosv1.PulledValue)
}
