package status

import (
	"fmt"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Operation is what the components of the manager report of their work on a cluster. Nothing of
// it makes the cluster less ready: events are pending, and everything else works.
type Operation struct {
	// Destination is where events go, for a person; empty where they go nowhere.
	Destination string
	// Unpublished is why events can't be published; empty while they can.
	Unpublished string
	// Advice is what should be changed in the topics; empty where nothing.
	Advice string
	// GivenUp is how many ends of pods were given up, as too many waited.
	GivenUp int
	// Unlisted is why the last full list failed; empty where it did not.
	Unlisted string
}

// KubernetesService computes the status of the cluster that the controllers run in.
func KubernetesService(into *xosv1.KubernetesService, o Operation) outcome.Outcome {
	message := "Kubernetes " + into.Status.Version + "; " + o.events()
	if o.GivenUp > 0 {
		message += fmt.Sprintf("; the ends of %d pods or more are lost, as more than --max-pending-events waited", o.GivenUp)
	}
	if o.Unlisted != "" {
		message += "; the inventory is not compared with the cluster, as a full list fails: " + o.Unlisted
	}
	return outcome.Succeeded("%s", message)
}

func (o Operation) events() string {
	switch {
	case o.Destination == "":
		return "events do not go to Kafka: the controllers were started without --kafka-brokers"
	case o.Unpublished != "":
		return fmt.Sprintf("events wait, since they do not get through to %s: %s", o.Destination, o.Unpublished)
	case o.Advice != "":
		return fmt.Sprintf("events go to %s, but %s", o.Destination, o.Advice)
	}
	return "events go to " + o.Destination
}
