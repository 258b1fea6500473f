package kafka

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

func newBroker(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// bothTopics are there, with so many partitions each.
func bothTopics(partitions int32) kfake.Opt {
	return kfake.SeedTopics(partitions, DefaultTopic, DefaultInventoryTopic)
}

func newLog(opts Options) *Log {
	return New(opts, func() (types.UID, error) { return "cluster", nil })
}

// told is what a session found published.
type told map[string]string

func open(t *testing.T, l *Log) (delivery.Session, told) {
	t.Helper()
	found := told{}
	s, err := l.Open(t.Context(), func(key string, value []byte) { found[key] = string(value) })
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s, found
}

// unit has one message on each topic.
func unit(name string) delivery.Unit {
	return delivery.Unit{
		Entity: event.Entity{ID: event.ID{Kind: event.Instance, UID: types.UID(name)}, Name: name},
		Messages: []event.Message{
			{Topic: event.Details, Key: name, Value: []byte(`{"name":"` + name + `"}`), Headers: []event.Header{{Name: "ce_id", Value: name + ".created"}}},
			{Topic: event.Inventory, Key: "cluster/" + name, Value: []byte(name)},
		},
	}
}

func commit(t *testing.T, s delivery.Session, units ...delivery.Unit) {
	t.Helper()
	results, err := s.Commit(t.Context(), units)
	require.NoError(t, err)
	for _, result := range results {
		require.NoError(t, result)
	}
}

// consume reads so many committed messages of a topic by a consumer that is not ours.
func consume(t *testing.T, c *kfake.Cluster, topic string, n int) []*kgo.Record {
	t.Helper()
	consumer, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	require.NoError(t, err)
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all []*kgo.Record
	for len(all) < n {
		fetches := consumer.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		all = append(all, fetches.Records()...)
	}
	return all
}

func TestAUnitArrivesOnBothTopics(t *testing.T) {
	c := newBroker(t, bothTopics(3))
	s, found := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	assert.Empty(t, found)
	commit(t, s, unit("web"))

	m := consume(t, c, DefaultTopic, 1)[0]
	assert.Equal(t, int32(2), m.Partition, "crc32 of the key modulo 3, as librdkafka's consistent partitioner has it")
	assert.Equal(t, "web", string(m.Key))
	assert.JSONEq(t, `{"name":"web"}`, string(m.Value))
	assert.Equal(t, []kgo.RecordHeader{{Key: "ce_id", Value: []byte("web.created")}}, m.Headers)
	assert.Equal(t, "cluster/web", string(consume(t, c, DefaultInventoryTopic, 1)[0].Key))
}

func TestASessionReadsWhatWasPublished(t *testing.T) {
	c := newBroker(t, bothTopics(3))
	l := newLog(Options{Brokers: c.ListenAddrs()})
	first, _ := open(t, l)
	gone := unit("gone")
	commit(t, first, unit("web"), unit("db"), gone)
	gone.Messages = []event.Message{{Topic: event.Inventory, Key: "cluster/gone"}}
	commit(t, first, gone)

	_, found := open(t, l)
	assert.Equal(t, told{"cluster/web": "web", "cluster/db": "db", "cluster/gone": ""}, found)
}

func TestAbortedMessagesAreNotRead(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	l := newLog(Options{Brokers: c.ListenAddrs()})
	s, _ := open(t, l)
	commit(t, s, unit("before"))
	own := s.(*session)
	entries, err := own.encode(0, unit("aborted"))
	require.NoError(t, err)
	for batches := range rounds(entries, batchBytes) {
		failed, err := own.publish(t.Context(), batches)
		require.NoError(t, err)
		require.Empty(t, failed)
	}
	require.NoError(t, own.producer.end(t.Context(), false))
	commit(t, s, unit("after"))

	_, found := open(t, l)
	assert.Equal(t, told{"cluster/before": "before", "cluster/after": "after"}, found)
}

func TestANewSessionFencesTheElder(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	elder, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, elder, unit("one"))
	younger, found := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	assert.Contains(t, found, "cluster/one")

	_, err := elder.Commit(t.Context(), []delivery.Unit{unit("late")})
	require.ErrorIs(t, err, delivery.ErrNotLeader)
	commit(t, younger, unit("two"))
	_, found = open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	assert.Equal(t, told{"cluster/one": "one", "cluster/two": "two"}, found)
}

func TestALargeMessageCostsItsUnitAlone(t *testing.T) {
	for _, transactions := range []Transactions{TransactionsOn, TransactionsOff} {
		t.Run(string(transactions), func(t *testing.T) {
			c := newBroker(t, bothTopics(1))
			l := newLog(Options{Brokers: c.ListenAddrs(), Transactions: transactions})
			s, _ := open(t, l)
			large := unit("large")
			large.Messages[0].Value = make([]byte, 2<<20)
			results, err := s.Commit(t.Context(), []delivery.Unit{unit("before"), large, unit("after")})
			require.NoError(t, err)
			require.ErrorIs(t, results[1], delivery.ErrTooLarge)
			require.NoError(t, results[0])
			require.NoError(t, results[2])
			_, found := open(t, l)
			assert.Equal(t, told{"cluster/before": "before", "cluster/after": "after"}, found)
		})
	}
}

func TestMissingTopicsAreReportedOrCreated(t *testing.T) {
	c := newBroker(t)
	_, err := newLog(Options{Brokers: c.ListenAddrs()}).Open(t.Context(), nil)
	require.ErrorContains(t, err, "create the topics")
	assert.Nil(t, c.TopicInfo(DefaultTopic), "the broker must not make it up")

	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs(), TopicOptions: TopicOptions{CreateTopics: true, Partitions: 2, Replicas: 1}}))
	commit(t, s, unit("web"))
	assert.Len(t, c.PartitionInfos(DefaultTopic), 2)
	assert.Len(t, c.PartitionInfos(DefaultInventoryTopic), 2)
}

func TestADeadAddressIsNamedWithinSeconds(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	started := time.Now()
	_, err = newLog(Options{Brokers: []string{address}}).Open(t.Context(), nil)
	require.ErrorContains(t, err, DefaultTopic)
	require.ErrorContains(t, err, address)
	assert.ErrorContains(t, err, "connection refused")
	assert.Less(t, time.Since(started), 10*time.Second)
}

func TestASilentBrokerKeepsNobody(t *testing.T) {
	// It accepts connections and says nothing.
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = newLog(Options{Brokers: []string{listener.Addr().String()}}).Open(ctx, nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// requireSomeHeldUp commits units to all partitions, of which some are held up and some are
// not. It returns the units and how many were.
func requireSomeHeldUp(t *testing.T, s delivery.Session) (units []delivery.Unit, held int) {
	t.Helper()
	units = make([]delivery.Unit, 10)
	for i := range units {
		units[i] = unit(fmt.Sprint("pod-", i))
	}
	results, err := s.Commit(t.Context(), units)
	require.NoError(t, err)
	for _, result := range results {
		if result != nil {
			require.ErrorIs(t, result, delivery.ErrUnavailable)
			held++
		}
	}
	assert.Positive(t, held)
	assert.Less(t, held, len(units))
	return units, held
}

// TestAPartitionThatCantBeReadHoldsUpItsOwnAlone has one partition of the inventory without
// a leader when the session opens.
func TestAPartitionThatCantBeReadHoldsUpItsOwnAlone(t *testing.T) {
	c := newBroker(t, bothTopics(2))
	dead := c.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: DefaultInventoryTopic, Partitions: []int32{1}, Err: kerr.LeaderNotAvailable, Count: -1,
	})
	l := newLog(Options{Brokers: c.ListenAddrs()})
	s, _ := open(t, l)
	units, held := requireSomeHeldUp(t, s)

	dead.Remove()
	require.Eventually(t, func() bool {
		_, err := s.Commit(t.Context(), nil)
		return err != nil
	}, time.Minute, 20*time.Millisecond, "the session ends, so that the partition is read")
	s, found := open(t, l)
	assert.Len(t, found, len(units)-held)
	commit(t, s, units...)
}

// TestATransactionThatNobodyDecidesHoldsUpItsPartitionAlone has another client's transaction
// open on one partition of the inventory.
func TestATransactionThatNobodyDecidesHoldsUpItsPartitionAlone(t *testing.T) {
	c := newBroker(t, bothTopics(2))
	other, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.TransactionalID("other"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.BeginTransaction())
	held := &kgo.Record{Topic: DefaultInventoryTopic, Partition: 0, Key: []byte("k"), Value: []byte("v")}
	require.NoError(t, other.ProduceSync(t.Context(), held).FirstErr())

	l := newLog(Options{Brokers: c.ListenAddrs()})
	l.undecided = 100 * time.Millisecond
	s, _ := open(t, l)
	requireSomeHeldUp(t, s)
}
