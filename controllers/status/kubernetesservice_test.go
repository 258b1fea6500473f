package status

import (
	"testing"

	"github.com/stretchr/testify/assert"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestAClusterSaysWhatBecomesOfItsEvents(t *testing.T) {
	service := &xosv1.KubernetesService{Status: xosv1.KubernetesServiceStatus{Version: "v1.36.3"}}
	for want, o := range map[string]Operation{
		"Kubernetes v1.36.3; events do not go to Kafka: the controllers were started without --kafka-brokers": {},
		"Kubernetes v1.36.3; events go to topic t at k:9092":                                                  {Destination: "topic t at k:9092"},
		"Kubernetes v1.36.3; events go to topic t at k:9092, but set x to y":                                  {Destination: "topic t at k:9092", Advice: "set x to y"},
		"Kubernetes v1.36.3; events wait, since they do not get through to k: refused":                        {Destination: "k", Unpublished: "refused", Advice: "a"},
		"Kubernetes v1.36.3; events wait, since they do not get through to k: refused; the ends of 3 pods or more are lost, as more than --max-pending-events waited": {
			Destination: "k", Unpublished: "refused", GivenUp: 3,
		},
		"Kubernetes v1.36.3; events go to k; the inventory is not compared with the cluster, as a full list fails: list pods: forbidden": {
			Destination: "k", Unlisted: "list pods: forbidden",
		},
	} {
		reached := KubernetesService(service, o)
		assert.Equal(t, want, reached.Message)
		assert.Equal(t, xosv1.ReasonSucceeded, reached.Reason)
	}
}
