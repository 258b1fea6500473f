package event

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const (
	// producerName is in each body, as the original had it.
	producerName = "k8s-sync"
	// eventKind is how event types and sources call an instance.
	eventKind = "kubernetesserviceinstance"
)

// body is the value of a message; the order of its fields is the original's.
type body struct {
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

func (s PodSnapshot) body(status xosv1.EventStatus) body {
	b := body{Status: status, Name: s.Name, Producer: producerName, ID: numericID(s.UID), Labels: s.labels}
	if b.Labels == nil {
		b.Labels = map[string]string{} // consumers break on null
	}
	if len(s.addresses) > 0 {
		b.NetInterfaces = []netInterface{{Name: "primary", Addresses: s.addresses}}
	}
	return b
}

// Message is an event as it is sent. The cluster is known by the UID of its
// namespace kube-system.
func (s PodSnapshot) Message(status xosv1.EventStatus, cluster types.UID, now time.Time) (Message, error) {
	value, err := json.Marshal(s.body(status))
	if err != nil {
		return Message{}, fmt.Errorf("encode the event %s of pod %s/%s: %w", status, s.Namespace, s.Name, err)
	}
	return Message{
		Key: s.Name, Value: value,
		Headers: []Header{
			{"ce_specversion", "1.0"},
			{"ce_type", "org.opencord.xos." + eventKind + "." + string(status) + ".v1"},
			{"ce_source", "/clusters/" + string(cluster) + "/" + eventKind + "/" + string(s.UID)},
			{"ce_id", s.eventID(status)},
			{"ce_subject", s.Namespace + "/" + s.Name},
			{"ce_time", s.timeOf(status, now).UTC().Format(time.RFC3339)},
			{"ce_sequence", padded(s.ResourceVersion)},
			{"ce_partitionkey", s.Name},
			{"content-type", "application/json"},
		},
	}, nil
}

// eventID is the same each time an event is sent, so that a consumer can detect a
// repetition.
func (s PodSnapshot) eventID(status xosv1.EventStatus) string {
	if status == xosv1.EventUpdated {
		return string(s.UID) + "." + s.ResourceVersion
	}
	return string(s.UID) + "." + string(status)
}

func (s PodSnapshot) timeOf(status xosv1.EventStatus, now time.Time) time.Time {
	switch {
	case status == xosv1.EventCreated && !s.CreatedAt.IsZero():
		return s.CreatedAt
	case status == xosv1.EventDeleted && !s.DeletedAt.IsZero():
		return s.DeletedAt
	}
	return now
}

// numericID is a number for consumers that know instances by numbers: stable,
// positive, and small enough for those that keep it in a float.
func numericID(uid types.UID) uint64 {
	const bits = 53
	sum := sha256.Sum256([]byte(uid))
	return max(binary.BigEndian.Uint64(sum[:8])>>(64-bits), 1)
}

// padded writes a resource version with 20 digits, so that text sorts as numbers.
func padded(resourceVersion string) string {
	const digits = 20
	return strings.Repeat("0", max(0, digits-len(resourceVersion))) + resourceVersion
}

// Message is an event on its way: what Kafka calls a record.
type Message struct {
	Key     string
	Value   []byte
	Headers []Header
}

// Header is one of the CloudEvents attributes.
type Header struct{ Name, Value string }
