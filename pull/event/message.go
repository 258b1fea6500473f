package event

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Topic is one of the two topics that events go to.
type Topic int

const (
	// Details is the topic of the original: pods alone, by name. See details.go.
	Details Topic = iota
	// Inventory is the compacted topic of all entities. It is the record of what Kafka was
	// told. See inventory.go.
	Inventory
)

// Message is an event on its way: what Kafka calls a record.
type Message struct {
	Topic Topic
	Key   string
	// Status is that of the event; empty in a tombstone.
	Status xosv1.EventStatus
	// Value is nil in a tombstone.
	Value   []byte
	Headers []Header
}

// Header is one of the CloudEvents attributes.
type Header struct{ Name, Value string }

// headers are the CloudEvents attributes of an event, in binary content mode.
func (e Entity) headers(status xosv1.EventStatus, cluster types.UID, key string, now time.Time) []Header {
	return []Header{
		{"ce_specversion", "1.0"},
		{"ce_type", "org.opencord.xos." + string(e.Kind) + "." + string(status) + ".v1"},
		{"ce_source", "/clusters/" + string(cluster) + "/" + string(e.Kind) + "/" + string(e.UID)},
		{"ce_id", e.id(status)},
		{"ce_subject", e.subject()},
		{"ce_time", e.time(status, now).UTC().Format(time.RFC3339)},
		{"ce_sequence", padded(e.ResourceVersion)},
		{"ce_partitionkey", key},
		{"content-type", "application/json"},
	}
}

func (e Entity) subject() string {
	if e.Namespace == "" {
		return e.Name
	}
	return e.Namespace + "/" + e.Name
}
