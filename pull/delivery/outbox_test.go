package delivery

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// fakeCluster is a cluster of pods.
type fakeCluster struct {
	mu         sync.Mutex
	off        bool
	pods       map[event.ID]event.Entity
	unselected map[event.ID]bool
	remembered []Remembered
	stored     map[event.ID]bool
	settled    []types.UID
}

func newFakeCluster(pods ...event.Entity) *fakeCluster {
	c := &fakeCluster{pods: map[event.ID]event.Entity{}, unselected: map[event.ID]bool{}, stored: map[event.ID]bool{}}
	for _, pod := range pods {
		c.pods[pod.ID] = pod
	}
	return c
}

func locked[T any](c *fakeCluster, f func() T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f()
}

func (c *fakeCluster) UID() (types.UID, error) { return "cluster", nil }
func (c *fakeCluster) Enabled() bool           { return locked(c, func() bool { return !c.off }) }

func (c *fakeCluster) Current(ref Ref) (event.Entity, bool, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.pods[ref.ID]
	return e, !c.unselected[ref.ID], ok
}

func (c *fakeCluster) All() iter.Seq[Ref] {
	all := locked(c, func() []event.Entity { return slices.Collect(maps.Values(c.pods)) })
	return func(yield func(Ref) bool) {
		for _, e := range all {
			if !yield(Ref{e.ID, nameOf(e)}) {
				return
			}
		}
	}
}

func (c *fakeCluster) Recorded(context.Context, func(event.ID) bool) ([]Remembered, error) {
	return locked(c, func() []Remembered { return c.remembered }), nil
}
func (c *fakeCluster) Remembers(End) bool { return false }

func (c *fakeCluster) Exists(_ context.Context, e event.Entity) (bool, error) {
	return locked(c, func() bool { _, ok := c.pods[e.ID]; return ok }), nil
}

func (c *fakeCluster) Store(_ context.Context, end End) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stored[end.ID] = true
	return nil
}

func (c *fakeCluster) Discard(_ context.Context, id event.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.stored, id)
	return nil
}

func (c *fakeCluster) Settled(e event.Entity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled = append(c.settled, e.UID)
}

// fakeLog is a Kafka that holds what is committed.
type fakeLog struct {
	mu       sync.Mutex
	messages []event.Message
	// fail is called before each commit; nil succeeds.
	fail func(Unit) error
	// away has no session opened, and broken has each commit fail after it was carried out.
	away, broken bool
	sessions     int
}

func (l *fakeLog) Open(_ context.Context, told func(string, []byte)) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errors.New("Kafka is away")
	}
	l.sessions++
	for _, m := range l.messages {
		if m.Topic == event.Inventory {
			told(m.Key, m.Value)
		}
	}
	return l, nil
}

func (l *fakeLog) Close() {}

// Partitions are two: that of a key follows from its last character.
func (l *fakeLog) Partitions() (int32, error) { return 2, nil }

func (l *fakeLog) Partition(key string) (int32, error) { return int32(key[len(key)-1] % 2), nil }

func (l *fakeLog) Commit(_ context.Context, units []Unit) ([]error, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	results := make([]error, len(units))
	for i, unit := range units {
		if l.fail != nil {
			results[i] = l.fail(unit)
		}
		if results[i] == nil {
			l.messages = append(l.messages, unit.Messages...)
		}
	}
	if l.broken {
		l.broken = false
		return nil, errors.New("the answer is lost")
	}
	return results, nil
}

// events are those of the topic of details, as "name status".
func (l *fakeLog) events() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, m := range l.messages {
		if m.Topic == event.Details {
			all = append(all, m.Key+" "+string(m.Status))
		}
	}
	return all
}

func (l *fakeLog) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func pod(uid string) event.Entity {
	return event.Entity{ID: event.ID{Kind: event.Instance, UID: types.UID(uid)}, Namespace: "n", Name: "pod-" + uid, ResourceVersion: "1"}
}

func refTo(e event.Entity) Ref { return Ref{e.ID, cache.NewObjectName(e.Namespace, e.Name)} }

// run runs an outbox until the test ends, or until it is stopped.
func run(t *testing.T, c *fakeCluster, l *fakeLog) (o *Outbox, stop func()) {
	t.Helper()
	o = New(Options{Log: l, Cluster: c, Clock: clock.RealClock{}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return o, stop
}

func eventually(t *testing.T, l *fakeLog, want ...string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.ElementsMatch(c, want, l.events()) }, 30*time.Second, 5*time.Millisecond)
}

func TestAPodIsPublishedFromItsBeginningToItsEnd(t *testing.T) {
	c, l := newFakeCluster(), &fakeLog{}
	o, _ := run(t, c, l)
	a := pod("a")
	locked(c, func() any { c.pods[a.ID] = a; return nil })
	o.Enqueue(refTo(a))
	eventually(t, l, "pod-a created")
	a.Labels = map[string]string{"changed": "true"}
	locked(c, func() any { c.pods[a.ID] = a; return nil })
	o.Enqueue(refTo(a))
	eventually(t, l, "pod-a created", "pod-a updated")
	locked(c, func() any { delete(c.pods, a.ID); return nil })
	o.Ended(End{Entity: a, Selected: true, Confirmed: true})
	eventually(t, l, "pod-a created", "pod-a updated", "pod-a deleted")
	require.Eventually(t, func() bool { return o.Settled(a.ID) }, 30*time.Second, time.Millisecond)
	assert.Equal(t, []types.UID{"a"}, locked(c, func() []types.UID { return c.settled }))
	o.Enqueue(refTo(a))
	o.Ended(End{Entity: a, Selected: true, Confirmed: true})
	b := pod("b")
	locked(c, func() any { c.pods[b.ID] = b; return nil })
	o.Enqueue(refTo(b))
	eventually(t, l, "pod-a created", "pod-a updated", "pod-a deleted", "pod-b created")
}

func TestARestartPublishesTheDifference(t *testing.T) {
	same, changed, gone, born := pod("same"), pod("changed"), pod("gone"), pod("born")
	c, l := newFakeCluster(same, changed, gone), &fakeLog{}
	_, stop := run(t, c, l)
	before := []string{"pod-same created", "pod-changed created", "pod-gone created"}
	eventually(t, l, before...)
	stop()
	changed.Labels = map[string]string{"changed": "true"}
	after := newFakeCluster(same, changed, born)
	_, stop = run(t, after, l)
	eventually(t, l, append(before, "pod-changed updated", "pod-gone deleted", "pod-born created")...)
	stop()
	o, stop := run(t, after, l)
	require.Eventually(t, func() bool {
		waiting, _ := o.Backlog()
		return o.Announced(same.ID) && waiting == 0
	}, 30*time.Second, time.Millisecond)
	stop()
	last := pod("last")
	_, stop = run(t, newFakeCluster(same, changed, born, last), l)
	eventually(t, l, append(before, "pod-changed updated", "pod-gone deleted", "pod-born created", "pod-last created")...)
	stop()
}

func TestACommitWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	a := pod("a")
	c, l := newFakeCluster(a), &fakeLog{broken: true}
	o, _ := run(t, c, l)
	eventually(t, l, "pod-a created")
	b := pod("b")
	locked(c, func() any { c.pods[b.ID] = b; return nil })
	o.Enqueue(refTo(b))
	eventually(t, l, "pod-a created", "pod-b created")
	assert.Equal(t, 2, l.sessions)
}

func TestAnUnavailablePartitionHoldsUpItsOwnAlone(t *testing.T) {
	stuck, fine := pod("stuck"), pod("fine")
	l := &fakeLog{fail: func(u Unit) error {
		if u.Entity.Name == "pod-stuck" {
			return fmt.Errorf("partition 1: %w", ErrUnavailable)
		}
		return nil
	}}
	o, _ := run(t, newFakeCluster(stuck, fine), l)
	eventually(t, l, "pod-fine created")
	waiting, since := o.Backlog()
	assert.Equal(t, 1, waiting)
	assert.False(t, since.IsZero())
	l.set(func() { l.fail = nil })
	eventually(t, l, "pod-fine created", "pod-stuck created")
}

func TestTheEndOfAPodIsKeptWhileKafkaIsAway(t *testing.T) {
	c, l := newFakeCluster(), &fakeLog{away: true}
	o, stop := run(t, c, l)
	a := pod("a")
	o.Ended(End{Entity: a, Selected: true, Confirmed: true})
	stored := func() bool { return locked(c, func() bool { return c.stored[a.ID] }) }
	require.Eventually(t, stored, 30*time.Second, time.Millisecond, "Kafka was never told of it")
	stop()
	l.set(func() { l.away = false })
	c.remembered = []Remembered{{End: End{Entity: a, Selected: true, Confirmed: true}, Stored: true}}
	run(t, c, l)
	eventually(t, l, "pod-a created", "pod-a deleted")
	require.Eventually(t, func() bool { return !stored() }, 30*time.Second, time.Millisecond, "it is not kept any longer")
}

func TestOfTooManyStoredEndsTheOldestAreGivenUp(t *testing.T) {
	c, l := newFakeCluster(), &fakeLog{away: true}
	var givenUp atomic.Int32
	o := New(Options{
		Log: l, Cluster: c, Clock: clock.RealClock{}, MaxStored: 2, OnGivenUp: func(total int) { givenUp.Store(int32(total)) },
	})
	for _, uid := range []string{"a", "b", "c", "d"} {
		require.NoError(t, o.Secure(t.Context(), End{Entity: pod(uid), Selected: true, Confirmed: true}))
	}
	assert.Equal(t, int32(2), givenUp.Load())
	assert.Equal(t, map[event.ID]bool{pod("c").ID: true, pod("d").ID: true}, c.stored)
	assert.True(t, o.Settled(pod("a").ID), "its record may go")
	waiting, _ := o.Backlog()
	assert.Equal(t, 2, waiting)
}

func TestTheEndOfAPodIsKeptWhileACommitHangs(t *testing.T) {
	answered := make(chan struct{})
	c, l := newFakeCluster(pod("a")), &fakeLog{}
	l.fail = func(Unit) error { <-answered; return nil }
	o, _ := run(t, c, l)
	defer close(answered)
	gone := pod("gone")
	o.Ended(End{Entity: gone, Selected: true, Confirmed: true})
	require.Eventually(t, func() bool { return locked(c, func() bool { return c.stored[gone.ID] }) }, 30*time.Second, time.Millisecond)
}

func TestAnEndThatIsNotConfirmedIsNotPublishedOfAPodThatLives(t *testing.T) {
	a, b := pod("a"), pod("b")
	c, l := newFakeCluster(a, b), &fakeLog{}
	o, _ := run(t, c, l)
	eventually(t, l, "pod-a created", "pod-b created")
	o.Ended(End{Entity: a, Selected: true})
	locked(c, func() any { delete(c.pods, b.ID); return nil })
	o.Ended(End{Entity: b, Selected: true})
	eventually(t, l, "pod-a created", "pod-b created", "pod-b deleted")
	assert.False(t, o.Settled(a.ID))
}

func TestWhatIsNotSelectedIsNotPublished(t *testing.T) {
	a := pod("a")
	c, l := newFakeCluster(a), &fakeLog{}
	c.unselected[a.ID] = true
	o, _ := run(t, c, l)
	o.Ended(End{Entity: pod("gone"), Confirmed: true})
	locked(c, func() any { delete(c.unselected, a.ID); return nil })
	o.Enqueue(refTo(a))
	eventually(t, l, "pod-a created")
	locked(c, func() any { c.unselected[a.ID] = true; delete(c.pods, a.ID); return nil })
	o.Ended(End{Entity: a, Confirmed: true})
	eventually(t, l, "pod-a created", "pod-a deleted")
}

func TestNothingIsPublishedWhileThePullIsOff(t *testing.T) {
	a := pod("a")
	c, l := newFakeCluster(a), &fakeLog{}
	c.off = true
	o, _ := run(t, c, l)
	o.Enqueue(refTo(a))
	locked(c, func() any { c.off = false; return nil })
	o.Wake()
	eventually(t, l, "pod-a created")
	assert.Equal(t, 1, l.sessions, "no session was opened before")
}

func TestASuccessorIsPublishedAfterItsPredecessor(t *testing.T) {
	first, second := pod("first"), pod("second")
	first.Name, second.Name = "db-0", "db-0"
	c, l := newFakeCluster(first), &fakeLog{}
	l.fail = func(u Unit) error { return fmt.Errorf("partition 0: %w", ErrUnavailable) }
	o, _ := run(t, c, l)
	locked(c, func() any { delete(c.pods, first.ID); c.pods[second.ID] = second; return nil })
	o.Ended(End{Entity: first, Selected: true, Confirmed: true})
	o.Enqueue(refTo(second))
	l.set(func() { l.fail = nil })
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.Equal(c, []string{"db-0 created", "db-0 deleted", "db-0 created"}, l.events())
	}, 30*time.Second, 5*time.Millisecond)
}

// TestASuccessorThatASessionFindsIsPublishedAfterItsPredecessors has pods of one name come and
// go while no process watches. The last one is known first: it is what the cluster shows.
func TestASuccessorThatASessionFindsIsPublishedAfterItsPredecessors(t *testing.T) {
	var all []event.Entity
	for i, uid := range []string{"first", "second", "third", "last"} {
		e := pod(uid)
		e.Name, e.ResourceVersion = "db-0", fmt.Sprint(9+i) // which are no texts to compare
		all = append(all, e)
	}
	c, l := newFakeCluster(all[0]), &fakeLog{}
	_, stop := run(t, c, l)
	eventually(t, l, "db-0 created")
	stop()
	c = newFakeCluster(all[3])
	for _, e := range []event.Entity{all[2], all[1]} {
		c.remembered = append(c.remembered, Remembered{End: End{Entity: e, Selected: true, Confirmed: true}, Stored: true})
	}
	run(t, c, l)
	require.Eventually(t, func() bool { return len(l.events()) == 7 }, 30*time.Second, time.Millisecond)
	l.set(func() {
		var ids []string
		for _, m := range l.messages {
			if m.Topic == event.Details {
				ids = append(ids, idOf(m))
			}
		}
		assert.Equal(t, []string{
			"first.created", "first.deleted", "second.created", "second.deleted", "third.created", "third.deleted", "last.created",
		}, ids)
	})
}

// idOf is the ce_id of a message.
func idOf(m event.Message) string {
	for _, h := range m.Headers {
		if h.Name == "ce_id" {
			return h.Value
		}
	}
	return ""
}
