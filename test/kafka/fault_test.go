//go:build kafka

package kafka_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

// commitUntilAnError commits units, ten at once, until an error, and returns that.
func commitUntilAnError(ctx context.Context, s delivery.Session, units []delivery.Unit) error {
	for batch := range slices.Chunk(units, 10) {
		results, err := s.Commit(ctx, batch)
		if err != nil {
			return err
		}
		for _, result := range results {
			if result != nil {
				return result
			}
		}
	}
	return nil
}

// pendingOf are the units that were not found published.
func pendingOf(units []delivery.Unit, found map[string]bool) []delivery.Unit {
	return slices.DeleteFunc(slices.Clone(units), func(u delivery.Unit) bool { return found[u.Messages[1].Key] })
}

// TestEachEventComesOnceThoughTheBrokerIsKilled kills the broker amid transactions.
func TestEachEventComesOnceThoughTheBrokerIsKilled(t *testing.T) {
	b := realkafka.Fresh(t, nil)
	topics := newTopics()
	l := newLog(b.Plaintext(), topics, 2)
	var units []delivery.Unit
	for i := range 1200 {
		units = append(units, newUnit(fmt.Sprint("pod-", i)))
	}
	for range 3 {
		s, found := open(t, l)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { failed <- commitUntilAnError(ctx, s, pendingOf(units, found)) }()
		<-time.After(100*time.Millisecond + rand.N(300*time.Millisecond))
		b.Kill(t)
		cancel()
		require.Error(t, <-failed, "the kill came amid transactions")
		s.Close()
		b.Start(t)
	}
	started := time.Now()
	s, found := open(t, l)
	t.Logf("%d of %d were published before the last kill; opening took %v", len(found), len(units), time.Since(started))
	require.NoError(t, commitUntilAnError(t.Context(), s, pendingOf(units, found)))
	for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
		counts := committed(t, b.Plaintext(), topic)
		assert.Len(t, counts, len(units), topic)
		for key, n := range counts {
			assert.Equal(t, 1, n, "%s on %s", key, topic)
		}
	}
}

// TestATransactionThatIsLeftOpenIsEnded has a broker take a record of a transaction that its
// coordinator knows nothing of, as other faults can do (decision 0034).
func TestATransactionThatIsLeftOpenIsEnded(t *testing.T) {
	b := realkafka.Fresh(t, map[string]string{"transaction.partition.verification.enable": "false"})
	topics := newTopics()
	l := newLog(b.Plaintext(), topics, 1)
	s, _ := open(t, l)
	require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("before")}))
	for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
		leaveOpen(t, b.Plaintext(), "xos-"+clusterOf(topics), topic)
	}

	started := time.Now()
	s, found := open(t, l)
	assert.Less(t, time.Since(started), 30*time.Second, "nobody waits for what nobody decides")
	assert.Equal(t, map[string]bool{"before": true}, found)
	require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("after")}))
	for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
		assert.Equal(t, map[string]int{"before": 1, "after": 1}, committed(t, b.Plaintext(), topic))
	}
}

// leaveOpen publishes a record in a transaction that its partition never became part of.
func leaveOpen(t *testing.T, broker, id, topic string) {
	t.Helper()
	client, err := connect(t, []string{broker}, kafka.Settings{})
	require.NoError(t, err)
	defer client.Close()
	coordinator, err := client.TransactionCoordinator(id)
	require.NoError(t, err)
	producer, err := coordinator.InitProducerID(&sarama.InitProducerIDRequest{
		Version: 4, TransactionalID: &id, TransactionTimeout: time.Minute, ProducerID: -1, ProducerEpoch: -1,
	})
	require.NoError(t, err)
	require.Equal(t, sarama.ErrNoError, producer.Err)
	leader, err := client.Leader(topic, 0)
	require.NoError(t, err)
	now := time.Now()
	request := &sarama.ProduceRequest{Version: 9, TransactionalID: &id, RequiredAcks: sarama.WaitForAll, Timeout: 5000}
	request.AddBatch(topic, 0, &sarama.RecordBatch{
		Version: 2, FirstTimestamp: now, MaxTimestamp: now, ProducerID: producer.ProducerID, ProducerEpoch: producer.ProducerEpoch,
		IsTransactional: true, Records: []*sarama.Record{{Key: []byte("left open")}},
	})
	answer, err := leader.Produce(request)
	require.NoError(t, err)
	require.Equal(t, sarama.ErrNoError, answer.GetBlock(topic, 0).Err)
}
