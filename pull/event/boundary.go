package event

import (
	"encoding/json"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// SnapshotEnd is the end of a snapshot as a consumer reads it.
type SnapshotEnd struct {
	// Name is that of the snapshot.
	Name string
	// Partition is one of as many as Partitions.
	Partition, Partitions int32
	// Count and Digest are those of the entities of the partition.
	Count  int
	Digest string
}

// ParseSnapshotEnd returns the end of a cluster's snapshot; false for any other message.
func ParseSnapshotEnd(cluster types.UID, key string, value []byte) (SnapshotEnd, bool) {
	partition, own := strings.CutPrefix(key, string(cluster)+"/snapshot/")
	var b boundary
	if !own || json.Unmarshal(value, &b) != nil || b.Status != "end" || b.Count == nil || partition != strconv.Itoa(int(b.Partition)) {
		return SnapshotEnd{}, false
	}
	return SnapshotEnd{Name: b.Snapshot, Partition: b.Partition, Partitions: b.Partitions, Count: *b.Count, Digest: b.Digest}, true
}
