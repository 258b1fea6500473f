package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// current is the status of an entity in a snapshot: it is there.
const current xosv1.EventStatus = "current"

// Snapshot identifies the state of one partition of the inventory at one time. It is a
// "begin", an item for each entity and an "end", between which events go on. A partition
// is complete by itself: a consumer that has read it up to the "end" can compare what it
// knows with the count and the digest.
type Snapshot struct {
	Cluster types.UID
	// Name tells it from the others of its cluster.
	Name string
	// Partition is one of as many as Partitions.
	Partition, Partitions int32
	At                    time.Time
	// Initial reports that it is the first one of a process.
	Initial bool
}

// boundary is the value of a begin and of an end.
type boundary struct {
	Status     string `json:"status"`
	Snapshot   string `json:"snapshot"`
	Partition  int32  `json:"partition"`
	Partitions int32  `json:"partitions"`
	// Count and Digest are those of the entities, in an end.
	Count  *int   `json:"count,omitempty"`
	Digest string `json:"digest,omitempty"`
}

// Begin returns the message that begins the snapshot.
func (s Snapshot) Begin() (Message, error) { return s.boundary("begin", nil, "") }

// End returns the message that ends the snapshot, of these entities.
func (s Snapshot) End(entities map[ID]Fingerprint) (Message, error) {
	count := len(entities)
	return s.boundary("end", &count, Digest(entities))
}

// Item returns the messages of one entity of the snapshot: one, and for a node a second one
// to Vitrage. The value of the first is that of an event, so that it is the last one of its
// key that counts, as ever.
func (s Snapshot) Item(e Entity) ([]Message, error) {
	m, err := e.InventoryMessage(current, s.Cluster, s.At)
	if err != nil {
		return nil, err
	}
	for i, h := range m.Headers {
		switch h.Name {
		case typeHeader:
			m.Headers[i].Value = snapshotType("item")
		case idHeader:
			m.Headers[i].Value = string(e.UID) + "." + s.Name
		}
	}
	if e.Kind != Node {
		return []Message{m}, nil
	}
	action := VitrageSnapshot
	if s.Initial {
		action = VitrageInitialSnapshot
	}
	toVitrage, err := e.VitrageMessage(action, false, s.Cluster, s.At)
	return []Message{m, toVitrage}, err
}

func (s Snapshot) boundary(status string, count *int, digest string) (Message, error) {
	value, err := json.Marshal(boundary{
		Status: status, Snapshot: s.Name, Partition: s.Partition, Partitions: s.Partitions, Count: count, Digest: digest,
	})
	if err != nil {
		return Message{}, fmt.Errorf("encode the %s of a snapshot: %w", status, err)
	}
	key := string(s.Cluster) + "/snapshot/" + strconv.Itoa(int(s.Partition))
	return Message{Topic: Inventory, Key: key, Partition: &s.Partition, Value: value, Headers: []Header{
		{specHeader, specVersion},
		{typeHeader, snapshotType(status)},
		{sourceHeader, sourcePrefix + key},
		{idHeader, s.Name + "." + status},
		{timeHeader, s.At.UTC().Format(time.RFC3339)},
		{keyHeader, key},
		{contentHeader, contentType},
	}}, nil
}

func snapshotType(status string) string { return "org.opencord.xos.snapshot." + status + ".v1" }

// Digest identifies a set of entities and the last content of each: the SHA-256, in
// hexadecimal digits, of a line "<kind>/<uid> <fingerprint>\n" for each, sorted.
func Digest(entities map[ID]Fingerprint) string {
	lines := make([]string, 0, len(entities))
	for id, f := range entities {
		lines = append(lines, string(id.Kind)+"/"+string(id.UID)+" "+f.String()+"\n")
	}
	slices.Sort(lines)
	sum := sha256.New()
	for _, line := range lines {
		sum.Write([]byte(line))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
