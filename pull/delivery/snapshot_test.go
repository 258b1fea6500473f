package delivery

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// consumer is what a consumer knows that reads the inventory from some message on.
type consumer struct {
	known map[event.ID]event.Fingerprint
	// begun are the snapshots whose begin it has read in each partition, and ends the
	// results of those that it could check.
	begun map[int32]string
	ends  map[string][]error
}

func newConsumer() *consumer {
	return &consumer{known: map[event.ID]event.Fingerprint{}, begun: map[int32]string{}, ends: map[string][]error{}}
}

// read takes over one message, as docs/events.md tells the author of a consumer to.
func (c *consumer) read(t *testing.T, l *fakeLog, m event.Message) {
	t.Helper()
	if m.Topic != event.Inventory {
		return
	}
	if e, deleted, ok := event.ParseInventory("cluster", m.Key, m.Value); ok {
		if delete(c.known, e.ID); !deleted {
			c.known[e.ID] = e.InventoryFingerprint()
		}
		return
	}
	var b struct {
		Status, Snapshot, Digest string
		Partition                int32
		Count                    int
	}
	require.NoError(t, json.Unmarshal(m.Value, &b))
	switch b.Status {
	case "begin":
		c.begun[b.Partition] = b.Snapshot
	case "end":
		if c.begun[b.Partition] != b.Snapshot {
			return
		}
		held := map[event.ID]event.Fingerprint{}
		for id, f := range c.known {
			if p, _ := l.Partition(event.InventoryKey("cluster", id)); p == b.Partition {
				held[id] = f
			}
		}
		var err error
		if b.Count != len(held) || b.Digest != event.Digest(held) {
			err = fmt.Errorf("partition %d holds %d entities instead of %d, or others", b.Partition, len(held), b.Count)
		}
		c.ends[b.Snapshot] = append(c.ends[b.Snapshot], err)
	}
}

// snapshots reads what is published, from a message on, and returns the results of the
// snapshots.
func snapshots(t *testing.T, l *fakeLog, from int) map[string][]error {
	t.Helper()
	l.mu.Lock()
	messages := l.messages[from:]
	l.mu.Unlock()
	c := newConsumer()
	for _, m := range messages {
		c.read(t, l, m)
	}
	return c.ends
}

// complete waits for a number of snapshots with an end in each partition, and for what
// they hold to be what a consumer knows that reads from a message on.
func complete(t *testing.T, l *fakeLog, from, want int) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		all := snapshots(t, l, from)
		assert.Len(c, all, want)
		for name, ends := range all {
			assert.Equal(c, []error{nil, nil}, ends, name)
		}
	}, 30*time.Second, 5*time.Millisecond)
}

func (l *fakeLog) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.messages)
}

func TestASnapshotHoldsWhatKafkaWasTold(t *testing.T) {
	var pods []event.Entity
	for i := range 2*batchSize + 10 { // more than fits one batch
		pods = append(pods, pod(fmt.Sprint(i)))
	}
	c, l := newFakeCluster(pods...), &fakeLog{}
	o, _ := run(t, c, l)
	complete(t, l, 0, 1)
	// A pod changes and one goes, of which a snapshot must not miss anything.
	changed, gone := pods[0], pods[1]
	changed.Labels = map[string]string{"changed": "true"}
	locked(c, func() any { c.pods[changed.ID] = changed; delete(c.pods, gone.ID); return nil })
	o.Ended(End{Entity: gone, Selected: true, Confirmed: true})
	from := l.length()
	o.Snapshot()
	complete(t, l, 0, 2)
	complete(t, l, from, 1) // all that a consumer needs that was not there before
}

func TestASnapshotBeginsAnewWhereASessionEnds(t *testing.T) {
	c, l := newFakeCluster(pod("1"), pod("2")), &fakeLog{}
	_, stop := run(t, c, l)
	complete(t, l, 0, 1)
	stop()
	from := l.length()
	l.set(func() { l.broken = true }) // the begin is committed, its answer lost
	run(t, c, l)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.NotEmpty(c, snapshots(t, l, from))
	}, 30*time.Second, 5*time.Millisecond)
}

func TestASnapshotHoldsNothingThatKafkaRefused(t *testing.T) {
	large, grown := pod("large"), pod("grown")
	refused := func(e event.Entity) bool { return e.Name == large.Name || e.Labels["grown"] != "" }
	c, l := newFakeCluster(large, grown), &fakeLog{fail: func(u Unit) error {
		if refused(u.Entity) {
			return fmt.Errorf("partition 0: %w", ErrTooLarge)
		}
		return nil
	}}
	o, _ := run(t, c, l)
	complete(t, l, 0, 1)
	grown.Labels = map[string]string{"grown": "true"}
	locked(c, func() any { c.pods[grown.ID] = grown; return nil })
	o.Enqueue(refTo(grown))
	o.Snapshot()
	complete(t, l, 0, 2)
}

func TestASnapshotLeavesOutAPartitionThatFails(t *testing.T) {
	c, l := newFakeCluster(pod("1"), pod("2")), &fakeLog{}
	o, _ := run(t, c, l)
	complete(t, l, 0, 1)
	from := l.length()
	l.set(func() {
		l.fail = func(u Unit) error {
			if p := u.Messages[0].Partition; p != nil && *p == 1 {
				return fmt.Errorf("partition 1: %w", ErrUnavailable)
			}
			return nil
		}
	})
	o.Snapshot()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		all := snapshots(t, l, from)
		assert.Len(c, all, 1)
		for _, ends := range all {
			assert.Equal(c, []error{nil}, ends)
		}
	}, 30*time.Second, 5*time.Millisecond)
}

// TestWhatNeverRestsKeepsNoSnapshotFromItsEnd has, in each partition, an entity that changes with
// each transaction, so that an event of it is pending at any time, and others that go.
func TestWhatNeverRestsKeepsNoSnapshotFromItsEnd(t *testing.T) {
	c := newFakeCluster(pod("busy0"), pod("busy1"), pod("rests0"), pod("rests1"))
	l := &fakeLog{}
	o, _ := run(t, c, l)
	complete(t, l, 0, 1)
	var times atomic.Int32
	from := l.length()
	l.set(func() {
		l.fail = func(Unit) error {
			n := fmt.Sprint(times.Add(1))
			for _, name := range []string{"busy0", "busy1"} {
				busy, gone := pod(name), pod("gone"+n+name)
				busy.Labels = map[string]string{"times": n}
				locked(c, func() any { c.pods[busy.ID] = busy; return nil })
				o.Enqueue(refTo(busy))
				o.Ended(End{Entity: gone, Selected: true, Confirmed: true})
			}
			return nil
		}
	})
	o.Snapshot()
	complete(t, l, from, 1)
	l.set(func() { l.fail = nil })
}
