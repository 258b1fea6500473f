// Package audit compares the inventory that Kafka was told of with a cluster, and the
// inventory's snapshots with its events. Its functions are pure.
package audit

import (
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Told is what Kafka was told of a cluster, as a consumer of the inventory knows it.
type Told struct {
	cluster    types.UID
	entities   map[event.ID]event.Entity
	partitions map[int32]*partition
}

// partition is what one partition of the inventory holds.
type partition struct {
	// known are the entities that are alive, and the last content of each.
	known map[event.ID]event.Fingerprint
	// end is the last snapshot's; nil where there is none. atEnd are the entities that were
	// alive at that point.
	end    *event.SnapshotEnd
	at     time.Time
	atEnd  map[event.ID]event.Fingerprint
	behind map[event.ID]bool
	// compacted reports that an entity has changed after the end whose value at the end is
	// no longer there, so that what the snapshot is of can't be computed.
	compacted bool
}

// NewTold returns what Kafka was told of a cluster before anything is read. It has so many
// partitions.
func NewTold(cluster types.UID, partitions int32) *Told {
	t := &Told{cluster: cluster, entities: map[event.ID]event.Entity{}, partitions: map[int32]*partition{}}
	for p := range partitions {
		t.partitions[p] = &partition{known: map[event.ID]event.Fingerprint{}}
	}
	return t
}

// Read takes over the next message of a partition.
func (t *Told) Read(m event.Received) {
	p := t.partitions[m.Partition]
	if p == nil { // added since the reading began
		p = &partition{known: map[event.ID]event.Fingerprint{}}
		t.partitions[m.Partition] = p
	}
	if end, ok := event.ParseSnapshotEnd(t.cluster, m.Key, m.Value); ok {
		p.end, p.at, p.atEnd, p.behind, p.compacted = &end, m.Time, maps.Clone(p.known), map[event.ID]bool{}, false
		return
	}
	e, deleted, ok := event.ParseInventory(t.cluster, m.Key, m.Value)
	if !ok {
		return
	}
	p.changed(e.ID, m)
	if deleted {
		delete(t.entities, e.ID)
		delete(p.known, e.ID)
		return
	}
	t.entities[e.ID] = e
	shown, said := m.Fingerprint()
	if !said {
		shown = e.InventoryFingerprint()
	}
	p.known[e.ID] = shown
}

// changed notes a change of an entity after the end of a snapshot. Only that of an entity
// that began after the end leaves no doubt where it was not known before.
func (p *partition) changed(id event.ID, m event.Received) {
	if p.end == nil || p.behind[id] {
		return
	}
	p.behind[id] = true
	if _, known := p.atEnd[id]; !known && !begins(id, m) {
		p.compacted = true
	}
}

// begins returns whether a message is the first one of an entity.
func begins(id event.ID, m event.Received) bool {
	return m.Header("ce_id") == string(id.UID)+".created"
}
