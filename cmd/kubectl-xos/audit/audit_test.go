package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// topic is an inventory as it is written.
type topic struct {
	t        *testing.T
	messages []event.Received
	now      time.Time
}

func newTopic(t *testing.T) *topic {
	t.Helper()
	return &topic{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (l *topic) add(partition int32, m event.Message, err error) {
	l.t.Helper()
	require.NoError(l.t, err)
	l.messages = append(l.messages, event.Received{
		Partition: partition, Offset: int64(len(l.messages)), Time: l.now, Key: m.Key, Value: m.Value, Headers: m.Headers,
	})
}

// status adds an event of an entity of partition 0.
func (l *topic) status(status string, e event.Entity) *topic {
	l.t.Helper()
	m, err := e.InventoryMessage(xosv1.EventStatus(status), "c", l.now)
	l.add(0, m, err)
	if status == "deleted" {
		l.add(0, e.Tombstone("c"), nil)
	}
	return l
}

// snapshot adds the end of a snapshot of entities.
func (l *topic) snapshot(partition, partitions int32, entities ...event.Entity) *topic {
	l.t.Helper()
	of := map[event.ID]event.Fingerprint{}
	for _, e := range entities {
		of[e.ID] = e.InventoryFingerprint()
	}
	m, err := event.Snapshot{Cluster: "c", Name: "s", Partition: partition, Partitions: partitions, At: l.now}.End(of)
	l.add(partition, m, err)
	return l
}

func (l *topic) told(partitions int32) *Told {
	told := NewTold("c", partitions)
	for _, m := range l.messages {
		told.Read(m)
	}
	return told
}

func pod(name, address string) event.Entity {
	e := event.Entity{ID: event.ID{Kind: event.Instance, UID: types.UID("u-" + name)}, Namespace: "shop", Name: name, ResourceVersion: "7"}
	if address != "" {
		e.Addresses = []string{address}
	}
	return e
}

func seen(entities ...event.Entity) map[event.ID]Seen {
	all := map[event.ID]Seen{}
	for _, e := range entities {
		all[e.ID] = Seen{e, true}
	}
	return all
}

func lines(found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestWhatDisagreesIsFound(t *testing.T) {
	image := event.Entity{ID: event.ID{Kind: event.Image, UID: "u-image"}, Name: "web", Image: &event.ImageDetails{Name: "web", Tag: "1"}}
	node := event.Entity{ID: event.ID{Kind: event.Node, UID: "u-node"}, Name: "node-0", Node: &event.NodeDetails{Ready: true}}
	told := newTopic(t).
		status("created", pod("same", "10.0.0.1")).
		status("created", pod("moved", "")).status("updated", pod("moved", "10.0.0.2")).
		status("created", pod("gone", "")).
		status("created", pod("ended", "")).status("deleted", pod("ended", "")).
		status("created", pod("deselected", "10.0.0.3")).
		status("created", image).status("current", node).told(1)
	moved, retagged, unready := pod("moved", "10.0.0.9"), image, node
	moved.Labels = map[string]string{"a": "b"}
	moved.References = []event.Reference{{Kind: "Node", Name: "node-0"}}
	retagged.Image = &event.ImageDetails{Name: "web", Tag: "2"}
	unready.Node = &event.NodeDetails{}
	younger := pod("same", "10.0.0.1")
	younger.ResourceVersion, younger.CreatedAt = "8", time.Now()
	now := seen(younger, moved, retagged, unready, pod("missing", ""))
	now[pod("deselected", "").ID] = Seen{Entity: pod("deselected", "other")}
	now[pod("unselected", "").ID] = Seen{Entity: pod("unselected", "")}
	golden.Compare(t, "testdata/findings.golden.txt", []byte(lines(Compare(told, now))))

	assert.Empty(t, Compare(told, seen(pod("same", "10.0.0.1"), pod("moved", "10.0.0.2"), pod("gone", ""), pod("deselected", "10.0.0.3"), image, node)))
}

func TestEventsOnTheirWayAreNoFindings(t *testing.T) {
	inventory := newTopic(t).status("created", pod("stuck", "1")).status("created", pod("late", "1")).status("created", pod("busy", "1"))
	cluster := seen(pod("stuck", "2"), pod("late", "2"), pod("busy", "2"), pod("lost", ""), pod("fresh", ""))
	first := Compare(inventory.told(1), cluster)
	require.Len(t, first, 5)
	inventory.status("updated", pod("late", "2")).status("updated", pod("busy", "2")).status("created", pod("fresh", ""))
	cluster[pod("busy", "").ID] = Seen{pod("busy", "3"), true}
	cluster[pod("new", "").ID] = Seen{pod("new", ""), true}
	second := Compare(inventory.told(1), cluster)
	var names []string
	for _, f := range Remaining(first, second) {
		names = append(names, f.Name)
	}
	assert.Equal(t, []string{"shop/lost", "shop/stuck"}, names)
}

func TestSnapshotsAgreeWithTheEventsBeforeThem(t *testing.T) {
	web, db := pod("web", "1"), pod("db", "1")
	for sentence, test := range map[string]struct {
		topic *topic
		want  Snapshots
	}{
		"none so far":              {newTopic(t).status("created", web), Snapshots{Absent: 1}},
		"an empty one":             {newTopic(t).snapshot(0, 1), Snapshots{Right: 1}},
		"one that is right":        {newTopic(t).status("created", web).status("created", db).status("deleted", db).snapshot(0, 1, web), Snapshots{Right: 1}},
		"events after it":          {newTopic(t).status("created", web).snapshot(0, 1, web).status("deleted", web).status("created", db), Snapshots{Right: 1}},
		"the last one counts":      {newTopic(t).snapshot(0, 1, web).status("created", web).snapshot(0, 1, web), Snapshots{Right: 1}},
		"an event that is missing": {newTopic(t).status("created", web).snapshot(0, 1, web, db), Snapshots{Wrong: []string{"partition 0: snapshot s is of 2 entities, and the events before it are of 1"}}},
		"other content": {newTopic(t).status("created", web).snapshot(0, 1, pod("web", "2")),
			Snapshots{Wrong: []string{"partition 0: snapshot s is of the same 1 entities as the events before it, with other content"}}},
		"its events are compacted":     {newTopic(t).snapshot(0, 1, web).status("updated", web), Snapshots{Compacted: 1}},
		"ended, and compacted":         {newTopic(t).snapshot(0, 1, web).status("deleted", web), Snapshots{Compacted: 1}},
		"missing, and another is new":  {newTopic(t).snapshot(0, 1, web).status("created", db), Snapshots{Wrong: []string{"partition 0: snapshot s is of 1 entities, and the events before it are of 0"}}},
		"known before, then changed":   {newTopic(t).status("created", db).snapshot(0, 1, web).status("updated", db), Snapshots{Wrong: []string{"partition 0: snapshot s is of the same 1 entities as the events before it, with other content"}}},
		"partitions that were added":   {newTopic(t).snapshot(0, 2), Snapshots{Wrong: []string{"partition 0: snapshot s is of 2 partitions, and the topic has 1: keys have moved, so recreate the topic"}}},
		"one of another cluster alone": {newTopic(t).status("created", web).other(), Snapshots{Absent: 1}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, test.topic.told(1).Snapshots(test.topic.now.Add(time.Minute)))
		})
	}
}

// other adds the end of another cluster's snapshot.
func (l *topic) other() *topic {
	m, err := event.Snapshot{Cluster: "other", Partitions: 1}.End(nil)
	l.add(0, m, err)
	return l
}

func TestAnOldSnapshotIsNotHeldAgainstTombstonesThatAreGone(t *testing.T) {
	inventory := newTopic(t).snapshot(0, 1, pod("web", ""))
	assert.Equal(t, Snapshots{Compacted: 1}, inventory.told(1).Snapshots(inventory.now.Add(2*time.Hour)))
}

func TestEachPartitionHasItsSnapshot(t *testing.T) {
	inventory := newTopic(t).status("created", pod("web", "")).snapshot(1, 3).snapshot(0, 3, pod("web", ""))
	s := inventory.told(3).Snapshots(inventory.now)
	assert.Equal(t, Snapshots{Right: 2, Absent: 1}, s)
	assert.Equal(t, "the last snapshot of 2 partitions agrees with the events before it; 1 partition without a snapshot so far", s.String())
	assert.Equal(t, "no snapshot could be checked; 2 partitions whose events before the last snapshot are compacted already", Snapshots{Compacted: 2}.String())
}

func TestTheSummaryCountsWhatIsSelected(t *testing.T) {
	all := seen(pod("web", ""))
	all[pod("db", "").ID] = Seen{Entity: pod("db", "")}
	assert.Equal(t, "1 pod, 0 slices, 0 trust domains, 0 principals, 0 images, 0 nodes and 0 clusters", Summary(all))
}
