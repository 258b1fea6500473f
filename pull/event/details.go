package event

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// producerName is in each body of the topic of details, as the original had it.
const producerName = "k8s-sync"

// details is the value of a message on the topic of details; the order of its fields is
// the original's.
type details struct {
	Status        xosv1.EventStatus `json:"status"`
	Name          string            `json:"name"`
	Producer      string            `json:"producer"`
	ID            uint64            `json:"kubernetesserviceinstance_id"`
	Labels        map[string]string `json:"labels"`
	NetInterfaces []netInterface    `json:"netinterfaces,omitempty"`
}

type netInterface struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
}

func (e Entity) details(status xosv1.EventStatus) details {
	d := details{Status: status, Name: e.Name, Producer: producerName, ID: numericID(e.UID), Labels: e.Labels}
	if d.Labels == nil {
		d.Labels = map[string]string{} // consumers break on null
	}
	if len(e.Addresses) > 0 {
		d.NetInterfaces = []netInterface{{Name: "primary", Addresses: e.Addresses}}
	}
	return d
}

// DetailsMessage returns an event of a pod as the original published it. Its key is the
// name of the pod, and so is the order of events.
func (e Entity) DetailsMessage(status xosv1.EventStatus, cluster types.UID, now time.Time) (Message, error) {
	value, err := json.Marshal(e.details(status))
	if err != nil {
		return Message{}, fmt.Errorf("encode the event %s of pod %s: %w", status, e.Subject(), err)
	}
	return Message{Topic: Details, Status: status, Key: e.Name, Value: value, Headers: e.headers(status, cluster, e.Name, now)}, nil
}

// numericID is a number for consumers that know instances by numbers: stable, positive,
// and small enough for those that keep it in a float.
func numericID(uid types.UID) uint64 {
	const bits = 53
	sum := sha256.Sum256([]byte(uid))
	return max(binary.BigEndian.Uint64(sum[:8])>>(64-bits), 1)
}
