package verdict

import xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"

// KubernetesService judges the cluster that the controllers run in: that they
// run says that it works. events is where events go; empty where nowhere.
func KubernetesService(into *xosv1.KubernetesService, events string) Outcome {
	if events == "" {
		return Succeeded("Kubernetes %s; events do not go to Kafka: the controllers were started without --kafka-brokers", into.Status.Version)
	}
	return Succeeded("Kubernetes %s; events go to %s", into.Status.Version, events)
}
