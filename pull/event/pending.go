package event

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Fingerprint identifies the content of an event, apart from its status, version and
// times: only a change of that is worth an event.
type Fingerprint [12]byte

func fingerprint(body any) Fingerprint {
	value, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	sum := sha256.Sum256(value)
	return Fingerprint(sum[:12])
}

// String is how status.delivery of the first build wrote a fingerprint.
func (f Fingerprint) String() string { return base64.RawURLEncoding.EncodeToString(f[:]) }

// ParseFingerprint returns a fingerprint that String has written; one of nothing where it
// can't be read, so that the content counts as changed.
func ParseFingerprint(s string) (f Fingerprint) {
	if decoded, err := base64.RawURLEncoding.DecodeString(s); err == nil {
		copy(f[:], decoded)
	}
	return f
}

// DetailsFingerprint identifies what the topic of details shows of a pod.
func (e Entity) DetailsFingerprint() Fingerprint { return fingerprint(e.details("")) }

// InventoryFingerprint identifies what the topic of the inventory shows of an entity.
func (e Entity) InventoryFingerprint() Fingerprint {
	v := e.inventory("")
	v.ResourceVersion, v.CreatedAt, v.DeletedAt = "", nil, nil
	return fingerprint(v)
}

// Told is what Kafka was told of an entity.
type Told struct {
	// OnDetails and OnInventory report whether "created" is on each topic.
	OnDetails, OnInventory bool
	// Details and Inventory identify the last content on each topic.
	Details, Inventory Fingerprint
}

// ToldOf returns what Kafka was told where this entity is the last value on the topic of
// the inventory.
func ToldOf(e Entity) Told {
	return Told{OnDetails: e.Kind == Instance, OnInventory: true, Details: e.DetailsFingerprint(), Inventory: e.InventoryFingerprint()}
}

// Pending returns the events of an entity that Kafka was not told, in order, and what it
// was told once they are committed. "created" and "deleted" are never left out; of
// changes only the last one counts.
func Pending(told Told, e Entity, ended bool, cluster types.UID, now time.Time) ([]Message, Told, error) {
	b := builder{entity: e, cluster: cluster, now: now}
	after := ToldOf(e)
	details := e.Kind == Instance
	if details && !told.OnDetails {
		b.details(xosv1.EventCreated)
	}
	if !told.OnInventory {
		b.inventory(xosv1.EventCreated)
		b.vitrage(false)
	}
	switch {
	case ended:
		if details {
			b.details(xosv1.EventDeleted)
		}
		b.inventory(xosv1.EventDeleted)
		b.vitrage(true)
		b.messages = append(b.messages, e.Tombstone(cluster))
	default:
		if details && told.OnDetails && told.Details != after.Details {
			b.details(xosv1.EventUpdated)
		}
		if told.OnInventory && told.Inventory != after.Inventory {
			b.inventory(xosv1.EventUpdated)
			b.vitrage(false)
		}
	}
	return b.messages, after, b.err
}

// builder collects the messages of one entity, up to the first error.
type builder struct {
	entity   Entity
	cluster  types.UID
	now      time.Time
	messages []Message
	err      error
}

func (b *builder) details(status xosv1.EventStatus) {
	b.add(b.entity.DetailsMessage(status, b.cluster, b.now))
}

func (b *builder) inventory(status xosv1.EventStatus) {
	b.add(b.entity.InventoryMessage(status, b.cluster, b.now))
}

func (b *builder) vitrage(deleted bool) {
	if b.entity.Kind == Node {
		b.add(b.entity.VitrageMessage(VitrageUpdate, deleted, b.cluster, b.now))
	}
}

func (b *builder) add(m Message, err error) {
	if b.err = cmp.Or(b.err, err); b.err == nil {
		b.messages = append(b.messages, m)
	}
}
