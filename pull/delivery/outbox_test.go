package delivery

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/event"
)

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

// A process that was frozen with ends in hand finds in Kafka what another one has published
// meanwhile. No record remembers these pods.
func TestWhatAnotherProcessHasPublishedIsNotRepeated(t *testing.T) {
	ended, stale := pod("ended"), pod("stale")
	l := &fakeLog{away: true}
	frozen := newFakeCluster(stale)
	o, _ := run(t, frozen, l)
	o.Ended(End{Entity: ended, Selected: true, Confirmed: true})
	require.Eventually(t, func() bool { return locked(frozen, func() bool { return frozen.stored[ended.ID] }) }, 30*time.Second, time.Millisecond)

	other := newFakeCluster(stale)
	kafka := &fakeLog{}
	successor, stop := run(t, other, kafka)
	successor.Ended(End{Entity: ended, Selected: true, Confirmed: true})
	successor.Ended(End{Entity: stale, Selected: true, Confirmed: true})
	published := []string{"pod-ended created", "pod-ended deleted", "pod-stale created", "pod-stale deleted"}
	eventually(t, kafka, published...)
	stop()

	locked(frozen, func() any { frozen.gone = map[event.ID]bool{stale.ID: true}; return nil })
	l.set(func() { l.messages, l.away = kafka.messages, false })
	require.Eventually(t, func() bool {
		waiting, _ := o.Backlog()
		return waiting == 0 && o.Settled(ended.ID) && o.Settled(stale.ID)
	}, 30*time.Second, time.Millisecond)
	o.Enqueue(refTo(stale)) // its cache is still behind
	last := pod("last")
	locked(frozen, func() any { frozen.pods[last.ID] = last; return nil })
	o.Enqueue(refTo(last))
	eventually(t, l, append(published, "pod-last created")...)
	assert.Empty(t, locked(frozen, func() map[event.ID]bool { return frozen.stored }))
}

func TestAnEndWhoseCommitLostItsAnswerIsNotRepeated(t *testing.T) {
	a, b := pod("a"), pod("b")
	c, l := newFakeCluster(), &fakeLog{broken: true}
	o, _ := run(t, c, l)
	o.Ended(End{Entity: a, Selected: true, Confirmed: true})
	require.Eventually(t, func() bool { return o.Settled(a.ID) }, 30*time.Second, time.Millisecond)
	locked(c, func() any { c.pods[b.ID] = b; return nil })
	o.Enqueue(refTo(b))
	eventually(t, l, "pod-a created", "pod-a deleted", "pod-b created")
	assert.Equal(t, 2, l.sessions)
}

// A cluster that was restored from a backup has pods again whose end was published.
func TestAPodThatIsThereAgainIsAnnouncedAgain(t *testing.T) {
	a := pod("a")
	l := &fakeLog{}
	o, stop := run(t, newFakeCluster(), l)
	o.Ended(End{Entity: a, Selected: true, Confirmed: true})
	eventually(t, l, "pod-a created", "pod-a deleted")
	stop()
	run(t, newFakeCluster(a), l)
	eventually(t, l, "pod-a created", "pod-a deleted", "pod-a created")
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
