package event

import (
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// VitrageAction is why OpenStack's Vitrage is told of a node.
type VitrageAction string

// Vitrage calls an entity deleted that it has not seen in two snapshots. The first one
// after a start is the initial one.
const (
	VitrageUpdate          VitrageAction = "update"
	VitrageSnapshot        VitrageAction = "snapshot"
	VitrageInitialSnapshot VitrageAction = "init_snapshot"
)

const (
	vitrageEntityType = "kubernetes.node"
	vitrageDeletion   = "delete_entity"
)

// vitrageNode is the value of a message on the topic of Vitrage: the properties of each
// event of a Vitrage datasource, and what the datasource of Kubernetes extracts of a node.
type vitrageNode struct {
	EntityType string        `json:"vitrage_entity_type"`
	Action     VitrageAction `json:"vitrage_datasource_action"`
	EventType  string        `json:"vitrage_event_type,omitempty"`
	SampleDate time.Time     `json:"vitrage_sample_date"`

	CreatedAt  *time.Time          `json:"creationTimestamp"`
	Name       string              `json:"name"`
	Addresses  []xosv1.NodeAddress `json:"addresses"`
	UID        types.UID           `json:"uid"`
	Provider   string              `json:"provider"`
	ProviderID string              `json:"providerID"`
}

// VitrageMessage returns an event of a node as Vitrage reads it.
func (e Entity) VitrageMessage(action VitrageAction, deleted bool, cluster types.UID, now time.Time) (Message, error) {
	v := vitrageNode{
		EntityType: vitrageEntityType, Action: action, SampleDate: now.UTC().Truncate(time.Second),
		CreatedAt: known(e.CreatedAt), Name: e.Name, UID: e.UID, Addresses: []xosv1.NodeAddress{},
	}
	status := xosv1.EventUpdated
	if deleted {
		v.EventType, status = vitrageDeletion, xosv1.EventDeleted
	}
	if e.Node != nil {
		v.Addresses = append(v.Addresses, e.Node.Addresses...)
		v.Provider, v.ProviderID = e.Node.Provider, e.Node.ProviderID
	}
	value, err := json.Marshal(v)
	if err != nil {
		return Message{}, fmt.Errorf("encode node %s for Vitrage: %w", e.Name, err)
	}
	return Message{Topic: Vitrage, Status: status, Key: e.Name, Value: value, Headers: e.headers(status, cluster, e.Name, now)}, nil
}
