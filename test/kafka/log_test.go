//go:build kafka

package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

// newLog returns a log of topics that are created with so many partitions.
func newLog(broker string, topics kafka.TopicOptions, partitions int32) *kafka.Log {
	topics.CreateTopics, topics.Partitions, topics.Replicas = true, partitions, 1
	return kafka.New(kafka.Options{Brokers: []string{broker}, TopicOptions: topics}, func() (types.UID, error) {
		return types.UID(clusterOf(topics)), nil
	})
}

// clusterOf is the UID of the Kubernetes cluster whose topics these are.
func clusterOf(topics kafka.TopicOptions) string { return "cluster-of-" + topics.PodTopic }

// open tries until a session opens, and returns what was published before.
func open(t *testing.T, l *kafka.Log) (delivery.Session, map[string]bool) {
	t.Helper()
	var s delivery.Session
	found := map[string]bool{}
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		clear(found)
		var err error
		s, err = l.Open(t.Context(), func(key string, _ []byte) { found[key] = true })
		require.NoError(c, err)
	}, 2*time.Minute, 100*time.Millisecond)
	t.Cleanup(s.Close)
	return s, found
}

func newUnit(name string) delivery.Unit {
	return delivery.Unit{
		Entity: event.Entity{ID: event.ID{Kind: event.Instance, UID: types.UID(name)}, Name: name},
		Messages: []event.Message{
			{Topic: event.Details, Key: name, Value: []byte(`{}`), Headers: []event.Header{{Name: "ce_id", Value: name + ".created"}}},
			{Topic: event.Inventory, Key: name, Value: []byte(`{}`)},
		},
	}
}

// committed are the keys on a topic, with how often each is there, as a consumer reads them
// that is not ours, up to the topic's end.
func committed(t *testing.T, broker, topic string) map[string]int {
	t.Helper()
	ends := endsOf(t, broker, topic)
	consumer, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords()) // the last offsets of a partition are such
	require.NoError(t, err)
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	counts := map[string]int{}
	for len(ends) > 0 {
		fetches := consumer.PollFetches(ctx)
		require.NoError(t, fetches.Err0(), "%d keys were read of %s; not read to their ends: %v", len(counts), topic, ends)
		for _, r := range fetches.Records() {
			if !r.Attrs.IsControl() {
				counts[string(r.Key)]++
			}
			if r.Offset+1 >= ends[r.Partition] {
				delete(ends, r.Partition)
			}
		}
	}
	return counts
}

// endsOf are the high watermarks of the partitions that have any message.
func endsOf(t *testing.T, broker, topic string) map[int32]int64 {
	t.Helper()
	client, err := connect(t, []string{broker}, kafka.Settings{})
	require.NoError(t, err)
	defer client.Close()
	partitions, err := client.Partitions(topic)
	require.NoError(t, err)
	ends := map[int32]int64{}
	for _, p := range partitions {
		end, err := client.GetOffset(topic, p, sarama.OffsetNewest)
		require.NoError(t, err)
		if end > 0 {
			ends[p] = end
		}
	}
	return ends
}

func TestTransactionsOfARealKafkaAreReadBack(t *testing.T) {
	broker, topics := realkafka.Shared(t).Plaintext(), newTopics()
	l := newLog(broker, topics, 3)
	elder, found := open(t, l)
	assert.Empty(t, found)
	const many = 1000
	var units []delivery.Unit
	for i := range many {
		units = append(units, newUnit(fmt.Sprint("pod-", i)))
	}
	for batch := range slices.Chunk(units, 300) {
		results, err := elder.Commit(t.Context(), batch)
		require.NoError(t, err)
		for _, result := range results {
			require.NoError(t, result)
		}
	}
	younger, found := open(t, newLog(broker, topics, 3))
	assert.Len(t, found, many)
	_, err := elder.Commit(t.Context(), []delivery.Unit{newUnit("late")})
	require.ErrorIs(t, err, delivery.ErrNotLeader)
	_, err = younger.Commit(t.Context(), []delivery.Unit{newUnit("last")})
	require.NoError(t, err)
	counts := committed(t, broker, topics.PodTopic)
	assert.Len(t, counts, many+1)
	assert.NotContains(t, counts, "late")
	for key, n := range counts {
		assert.Equal(t, 1, n, key)
	}
}
