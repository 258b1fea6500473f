package delivery

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
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
	// gone are pods that the caches still show.
	gone map[event.ID]bool
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
	return locked(c, func() bool { _, ok := c.pods[e.ID]; return ok && !c.gone[e.ID] }), nil
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

// remembering is a cluster in which each end has a record that remembers it.
type remembering struct{ *fakeCluster }

func (remembering) Remembers(End) bool { return true }

// idOf is the ce_id of a message.
func idOf(m event.Message) string {
	for _, h := range m.Headers {
		if h.Name == "ce_id" {
			return h.Value
		}
	}
	return ""
}
