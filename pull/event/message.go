package event

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Topic is one of the topics that events go to.
type Topic int

const (
	// Details is the topic of the original: pods alone, by name. See details.go.
	Details Topic = iota
	// Inventory is the compacted topic of all entities. It is the record of what Kafka was
	// told. See inventory.go.
	Inventory
	// Vitrage is the topic of nodes for OpenStack's Vitrage. Where it has no name, its
	// messages are left out. See vitrage.go.
	Vitrage
)

// Message is an event on its way: what Kafka calls a record.
type Message struct {
	Topic Topic
	Key   string
	// Status is that of the event; empty in a tombstone.
	Status xosv1.EventStatus
	// Value is nil in a tombstone.
	Value []byte
	// Partition is where the message goes; nil where its key decides.
	Partition *int32
	Headers   []Header
}

// Header is one of the CloudEvents attributes.
type Header struct{ Name, Value string }

// Names and values of headers: the CloudEvents attributes of an event, in binary content
// mode. The last one is an extension of ours.
const (
	specHeader        = "ce_specversion"
	typeHeader        = "ce_type"
	sourceHeader      = "ce_source"
	idHeader          = "ce_id"
	subjectHeader     = "ce_subject"
	timeHeader        = "ce_time"
	sequenceHeader    = "ce_sequence"
	keyHeader         = "ce_partitionkey"
	contentHeader     = "content-type"
	fingerprintHeader = "ce_fingerprint"

	specVersion = "1.0"
	// sourcePrefix comes before the key of what a message is about.
	sourcePrefix = "/clusters/"
	contentType  = "application/json"
)

func (e Entity) headers(status xosv1.EventStatus, cluster types.UID, key string, now time.Time) []Header {
	return []Header{
		{specHeader, specVersion},
		{typeHeader, "org.opencord.xos." + string(e.Kind) + "." + string(status) + ".v1"},
		{sourceHeader, sourcePrefix + InventoryKey(cluster, e.ID)},
		{idHeader, e.id(status)},
		{subjectHeader, e.Subject()},
		{timeHeader, e.time(status, now).UTC().Format(time.RFC3339)},
		{sequenceHeader, padded(e.ResourceVersion)},
		{keyHeader, key},
		{contentHeader, contentType},
	}
}

// Subject is "namespace/name", or the name alone.
func (e Entity) Subject() string {
	if e.Namespace == "" {
		return e.Name
	}
	return e.Namespace + "/" + e.Name
}
