package status

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// KubernetesService judges the cluster that the controllers run in: that they
// run says that it works. events is where events go, empty where nowhere; trouble
// is why they do not get there, empty while they do. Neither makes the cluster
// less ready: events wait, and everything else goes on.
func KubernetesService(into *xosv1.KubernetesService, events, trouble string) outcome.Outcome {
	switch {
	case events == "":
		return outcome.Succeeded("Kubernetes %s; events do not go to Kafka: the controllers were started without --kafka-brokers", into.Status.Version)
	case trouble != "":
		return outcome.Succeeded("Kubernetes %s; events wait, since they do not get through to %s: %s", into.Status.Version, events, trouble)
	}
	return outcome.Succeeded("Kubernetes %s; events go to %s", into.Status.Version, events)
}
