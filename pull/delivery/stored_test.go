package delivery

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/utils/clock"

	"xos.opencord.org/kubernetes-service/pull/event"
)

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

func TestNoNamespaceDisplacesTheEndsOfAnother(t *testing.T) {
	c := newFakeCluster()
	var lines []int
	o := New(Options{Log: &fakeLog{away: true}, Cluster: c, Clock: clock.RealClock{}, MaxStored: 4, OnGivenUp: func(total int) { lines = append(lines, total) }})
	end := func(uid, namespace string) End {
		e := pod(uid)
		e.Namespace = namespace
		return End{Entity: e, Selected: true, Confirmed: true}
	}
	require.NoError(t, o.Secure(t.Context(), end("first", "shop")))
	for i := range 100 {
		require.NoError(t, o.Secure(t.Context(), end(fmt.Sprint(i), "busy")))
	}
	require.NoError(t, o.Secure(t.Context(), end("last", "shop")))
	kept := map[event.ID]bool{}
	for _, uid := range []string{"first", "98", "99", "last"} {
		kept[pod(uid).ID] = true
	}
	assert.Equal(t, kept, c.stored)
	assert.Len(t, lines, 98)
}

// TestEndsThatRecordsRememberAreBoundedToo has pods that end while Kafka is away, and whose records
// wait for that.
func TestEndsThatRecordsRememberAreBoundedToo(t *testing.T) {
	c, l := newFakeCluster(), &fakeLog{away: true}
	o := New(Options{Log: l, Cluster: remembering{c}, Clock: clock.RealClock{}, MaxStored: 2})
	for i := range 10 {
		o.Ended(End{Entity: pod(fmt.Sprint(i)), Selected: true, Confirmed: true})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go o.Run(ctx)
	require.Eventually(t, func() bool { waiting, _ := o.Backlog(); return waiting == 2 }, 30*time.Second, time.Millisecond)
	assert.True(t, o.Settled(pod("7").ID), "its record may go")
	assert.False(t, o.Settled(pod("8").ID))
	l.set(func() { l.away = false })
	eventually(t, l, "pod-8 created", "pod-8 deleted", "pod-9 created", "pod-9 deleted")
}

func TestAnEndThatWasGivenUpIsPublishedWhereKafkaKnowsTheBeginning(t *testing.T) {
	a := pod("a")
	c, l := newFakeCluster(a), &fakeLog{}
	_, stop := run(t, c, l)
	eventually(t, l, "pod-a created")
	stop()
	l.set(func() { l.away = true })
	locked(c, func() any { delete(c.pods, a.ID); return nil })
	o := New(Options{Log: l, Cluster: c, Clock: clock.RealClock{}, MaxStored: 1})
	for _, e := range []event.Entity{a, pod("b")} {
		require.NoError(t, o.Secure(t.Context(), End{Entity: e, Selected: true, Confirmed: true}))
	}
	require.True(t, o.Settled(a.ID), "it is given up")
	l.set(func() { l.away = false })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go o.Run(ctx)
	eventually(t, l, "pod-a created", "pod-a deleted", "pod-b created", "pod-b deleted")
}

// A process that was frozen stores an end after its successor has begun to lead, and ends.
func TestWhatAnotherProcessStoresIsPublishedWithTheNextFullList(t *testing.T) {
	a, late := pod("a"), pod("late")
	c, l := newFakeCluster(a), &fakeLog{}
	o, _ := run(t, c, l)
	eventually(t, l, "pod-a created")
	locked(c, func() any {
		c.stored[late.ID] = true
		c.remembered = []Remembered{{End: End{Entity: late, Selected: true, Confirmed: true}, Stored: true}}
		return nil
	})
	o.Snapshot()
	eventually(t, l, "pod-a created", "pod-late created", "pod-late deleted")
	require.Eventually(t, func() bool { return !locked(c, func() bool { return c.stored[late.ID] }) }, 30*time.Second, time.Millisecond)

	locked(c, func() any { c.stored[late.ID] = true; return nil }) // it was published since
	sessions := func() (n int) { l.set(func() { n = l.sessions }); return n }
	before := sessions()
	o.Snapshot()
	require.Eventually(t, func() bool { return !locked(c, func() bool { return c.stored[late.ID] }) }, 30*time.Second, time.Millisecond)
	assert.Equal(t, before, sessions())
	eventually(t, l, "pod-a created", "pod-late created", "pod-late deleted")
}
