package event

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// inventory is the value of a message on the topic of the inventory. It is complete: the
// last value of a key is all that is known of the entity.
type inventory struct {
	Status          xosv1.EventStatus `json:"status"`
	Kind            Kind              `json:"kind"`
	UID             types.UID         `json:"uid"`
	Namespace       string            `json:"namespace,omitempty"`
	Name            string            `json:"name"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
	CreatedAt       *time.Time        `json:"createdAt,omitempty"`
	DeletedAt       *time.Time        `json:"deletedAt,omitempty"`
	Labels          map[string]string `json:"labels"`
	Addresses       []string          `json:"addresses,omitempty"`
	References      []Reference       `json:"references,omitempty"`
	Image           *ImageDetails     `json:"image,omitempty"`
	Node            *NodeDetails      `json:"node,omitempty"`
}

func (e Entity) inventory(status xosv1.EventStatus) inventory {
	v := inventory{
		Status: status, Kind: e.Kind, UID: e.UID, Namespace: e.Namespace, Name: e.Name, ResourceVersion: e.ResourceVersion,
		CreatedAt: known(e.CreatedAt), DeletedAt: known(e.DeletedAt), Labels: e.Labels, Addresses: e.Addresses,
		References: e.References, Image: e.Image, Node: e.Node,
	}
	if v.Labels == nil {
		v.Labels = map[string]string{}
	}
	return v
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// InventoryKey is the key of an entity on the topic of the inventory.
func InventoryKey(cluster types.UID, id ID) string {
	return string(cluster) + "/" + string(id.Kind) + "/" + string(id.UID)
}

// parseKey returns the entity that a key of a cluster's names; false for keys of other
// clusters, of snapshots, and of kinds that a later version knows.
func parseKey(cluster types.UID, key string) (ID, bool) {
	rest, own := strings.CutPrefix(key, string(cluster)+"/")
	kind, uid, ok := strings.Cut(rest, "/")
	known := slices.Contains(Kinds, Kind(kind))
	return ID{Kind(kind), types.UID(uid)}, own && ok && known && uid != "" && !strings.Contains(uid, "/")
}

// InventoryMessage returns an event as the topic of the inventory has it.
func (e Entity) InventoryMessage(status xosv1.EventStatus, cluster types.UID, now time.Time) (Message, error) {
	value, err := json.Marshal(e.inventory(status))
	if err != nil {
		return Message{}, fmt.Errorf("encode the event %s of %s %s: %w", status, e.Kind, e.Subject(), err)
	}
	key := InventoryKey(cluster, e.ID)
	headers := append(e.headers(status, cluster, key, now), Header{fingerprintHeader, e.InventoryFingerprint().String()})
	return Message{Topic: Inventory, Status: status, Key: key, Value: value, Headers: headers}, nil
}

// Tombstone returns the message by which compaction forgets an entity.
func (e Entity) Tombstone(cluster types.UID) Message {
	return Message{Topic: Inventory, Key: InventoryKey(cluster, e.ID)}
}

// ParseInventory returns what a message of the inventory reports of an entity of a
// cluster; false for messages of other clusters, and for those of which nothing is known
// here. A tombstone, and a value that reports the end, return an entity that is deleted.
func ParseInventory(cluster types.UID, key string, value []byte) (e Entity, deleted, ok bool) {
	id, ok := parseKey(cluster, key)
	if !ok {
		return Entity{}, false, false
	}
	if value == nil {
		return Entity{ID: id}, true, true
	}
	e, status, err := decode(value)
	if err != nil || e.ID != id {
		return Entity{}, false, false
	}
	return e, status == xosv1.EventDeleted, true
}

// Encode returns an entity in the form of the inventory.
func (e Entity) Encode() ([]byte, error) {
	value, err := json.Marshal(e.inventory(xosv1.EventUpdated))
	if err != nil {
		return nil, fmt.Errorf("encode %s %s: %w", e.Kind, e.Subject(), err)
	}
	return value, nil
}

// Decode returns what Encode encoded.
func Decode(value []byte) (Entity, error) {
	e, _, err := decode(value)
	return e, err
}

func decode(value []byte) (Entity, xosv1.EventStatus, error) {
	var v inventory
	if err := json.Unmarshal(value, &v); err != nil {
		return Entity{}, "", fmt.Errorf("decode an entity of the inventory: %w", err)
	}
	e := Entity{
		ID: ID{v.Kind, v.UID}, Namespace: v.Namespace, Name: v.Name, ResourceVersion: v.ResourceVersion, Labels: v.Labels, Addresses: v.Addresses,
		References: v.References, Image: v.Image, Node: v.Node,
	}
	if v.CreatedAt != nil {
		e.CreatedAt = *v.CreatedAt
	}
	if v.DeletedAt != nil {
		e.DeletedAt = *v.DeletedAt
	}
	return e, v.Status, nil
}
