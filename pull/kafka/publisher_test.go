package kafka

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// enough is more than any of these tests has to wait.
const enough = 30 * time.Second

func newBroker(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func newTestKafka(t *testing.T, opts Options) *Publisher {
	t.Helper()
	k := New(opts)
	t.Cleanup(k.Close)
	return k
}

func testMessage(key string) event.Message {
	return event.Message{Key: key, Value: []byte(`{"name":"` + key + `"}`), Headers: []event.Header{{Name: "ce_id", Value: key + ".created"}}}
}

// publish tries until a message is acknowledged.
func publish(t *testing.T, k *Publisher, m event.Message) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		_, err := k.Publish(t.Context(), m)
		require.NoError(c, err)
	}, enough, 20*time.Millisecond)
}

func consume(t *testing.T, c *kfake.Cluster, partition int32) *sarama.ConsumerMessage {
	t.Helper()
	consumer, err := sarama.NewConsumer(c.ListenAddrs(), nil)
	require.NoError(t, err)
	defer consumer.Close()
	messages, err := consumer.ConsumePartition(DefaultTopic, partition, sarama.OffsetOldest)
	require.NoError(t, err)
	defer messages.Close()
	select {
	case m := <-messages.Messages():
		return m
	case <-time.After(enough):
		t.Fatal("no message came")
		return nil
	}
}

func TestAMessageArrivesWithItsKeyHeadersAndValue(t *testing.T) {
	c := newBroker(t, kfake.SeedTopics(3, DefaultTopic))
	k := newTestKafka(t, Options{Brokers: c.ListenAddrs()})
	receipt, err := k.Publish(t.Context(), testMessage("web"))
	require.NoError(t, err)
	assert.Equal(t, DefaultTopic, receipt.Topic)
	// crc32("web") modulo 3, as librdkafka's consistent partitioner has it.
	assert.Equal(t, int32(2), receipt.Partition)
	m := consume(t, c, receipt.Partition)
	assert.Equal(t, "web", string(m.Key))
	assert.Equal(t, `{"name":"web"}`, string(m.Value))
	require.Len(t, m.Headers, 1)
	assert.Equal(t, "ce_id", string(m.Headers[0].Key))
	assert.Equal(t, "web.created", string(m.Headers[0].Value))
}

func TestTheProducerComesBackAfterTheBroker(t *testing.T) {
	first := newBroker(t, kfake.SeedTopics(1, DefaultTopic))
	address := first.ListenAddrs()[0]
	k := newTestKafka(t, Options{Brokers: []string{address}})
	publish(t, k, testMessage("before"))
	first.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := k.Publish(ctx, testMessage("while"))
	require.Error(t, err)

	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	second := newBroker(t, kfake.SeedTopics(1, DefaultTopic), kfake.Ports(number))
	publish(t, k, testMessage("after"))
	assert.Equal(t, "after", string(consume(t, second, 0).Key), "what was given up is not sent later")
}

func TestADeadAddressIsNamedWithinSeconds(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	k := newTestKafka(t, Options{Brokers: []string{address}})
	started := time.Now()
	_, err = k.Publish(t.Context(), testMessage("web"))
	assert.ErrorContains(t, err, "topic "+DefaultTopic+" of Kafka at "+address)
	assert.ErrorContains(t, err, "connection refused")
	assert.Less(t, time.Since(started), 10*time.Second)

	again := time.Now()
	_, err = k.Publish(t.Context(), testMessage("web"))
	assert.Error(t, err)
	assert.Less(t, time.Since(again), firstPause, "while Kafka is known to be away nobody waits")
}

func TestASilentBrokerKeepsNobody(t *testing.T) {
	// It accepts connections and says nothing.
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	k := newTestKafka(t, Options{Brokers: []string{listener.Addr().String()}})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = k.Publish(ctx, testMessage("web"))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, listener.Addr().String())
}

func TestAMissingTopicIsSaid(t *testing.T) {
	c := newBroker(t)
	k := newTestKafka(t, Options{Brokers: c.ListenAddrs()})
	_, err := k.Publish(t.Context(), testMessage("web"))
	assert.ErrorContains(t, err, "create the topic")
	assert.Nil(t, c.TopicInfo(DefaultTopic), "the broker must not make it up")
}

func TestAMissingTopicIsMadeWhereThatIsAllowed(t *testing.T) {
	c := newBroker(t)
	k := newTestKafka(t, Options{Brokers: c.ListenAddrs(), CreateTopic: true, Partitions: 2})
	publish(t, k, testMessage("web"))
	assert.Len(t, c.PartitionInfos(DefaultTopic), 2)
}

func TestAMessageThatIsTooLargeDoesNotCostTheConnection(t *testing.T) {
	c := newBroker(t, kfake.SeedTopics(1, DefaultTopic))
	k := newTestKafka(t, Options{Brokers: c.ListenAddrs()})
	large := testMessage("large")
	large.Value = make([]byte, 2<<20)
	_, err := k.Publish(t.Context(), large)
	require.ErrorContains(t, err, "larger than")
	require.ErrorIs(t, err, delivery.ErrTooLarge)
	_, err = k.Publish(t.Context(), testMessage("web"))
	assert.NoError(t, err)
}

func TestAClosedProducerTakesNothing(t *testing.T) {
	c := newBroker(t, kfake.SeedTopics(1, DefaultTopic))
	k := newTestKafka(t, Options{Brokers: c.ListenAddrs()})
	publish(t, k, testMessage("web"))
	k.Close()
	_, err := k.Publish(t.Context(), testMessage("late"))
	assert.ErrorIs(t, err, errClosed)
}
