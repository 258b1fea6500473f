package status

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// KubernetesService computes the status of the cluster that the controllers run in. events is the
// destination of events, empty if there is none; trouble is why they can't be published, empty
// while they can; advice is what should be changed there, empty if nothing. None makes the cluster less ready: events are pending, and everything else
// works.
func KubernetesService(into *xosv1.KubernetesService, events, trouble, advice string) outcome.Outcome {
	switch {
	case events == "":
		return outcome.Succeeded("Kubernetes %s; events do not go to Kafka: the controllers were started without --kafka-brokers", into.Status.Version)
	case trouble != "":
		return outcome.Succeeded("Kubernetes %s; events wait, since they do not get through to %s: %s", into.Status.Version, events, trouble)
	case advice != "":
		return outcome.Succeeded("Kubernetes %s; events go to %s, but %s", into.Status.Version, events, advice)
	}
	return outcome.Succeeded("Kubernetes %s; events go to %s", into.Status.Version, events)
}
