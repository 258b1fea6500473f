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

// outages are how long the broker is away after it was killed, the last time for longer than a
// transaction may take.
var outages = []time.Duration{0, 0, 31 * time.Second}

// TestEachEventComesOnceThoughTheBrokerIsKilled kills the broker amid transactions.
func TestEachEventComesOnceThoughTheBrokerIsKilled(t *testing.T) {
	b := realkafka.Fresh(t, nil)
	topics := newTopics()
	l := newLog(b.Plaintext(), topics, 2)
	var units []delivery.Unit
	for i := range 1200 {
		units = append(units, newUnit(fmt.Sprint("pod-", i)))
	}
	for _, outage := range outages {
		s, found := open(t, l)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { failed <- commitUntilAnError(ctx, s, pendingOf(units, found)) }()
		<-time.After(100*time.Millisecond + rand.N(300*time.Millisecond))
		b.Kill(t)
		cancel()
		require.Error(t, <-failed, "the kill came amid transactions")
		s.Close()
		<-time.After(outage)
		b.Start(t)
	}
	s, found := open(t, l)
	require.NoError(t, commitUntilAnError(t.Context(), s, pendingOf(units, found)))
	assertEachOnce(t, b.Plaintext(), topics, units)
}

// assertEachOnce compares what consumers read of both topics with what was published.
func assertEachOnce(t *testing.T, broker string, topics kafka.TopicOptions, units []delivery.Unit) {
	t.Helper()
	want := map[string]int{}
	for _, u := range units {
		want[u.Messages[1].Key] = 1
	}
	for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
		assert.Equal(t, want, committed(t, broker, topic), topic)
	}
}

// TestEachEventComesOnceThoughAnswersAreLost loses answers to the requests that a transaction
// takes: one, which is asked for again, and all.
func TestEachEventComesOnceThoughAnswersAreLost(t *testing.T) {
	b := realkafka.Shared(t)
	const produce, initProducerID, addPartitions, endTxn = 0, 22, 24, 26
	topics := newTopics()
	l := newLog(b.Proxied(), topics, 2)
	var units []delivery.Unit
	for _, key := range []int16{initProducerID, addPartitions, endTxn, produce} {
		for _, n := range []int{1, 2} {
			b.LoseAnswers(key, n)
			s, found := open(t, l)
			require.Empty(t, pendingOf(units, found))
			next := newUnit(fmt.Sprintf("api-%d-%d", key, n))
			units = append(units, next)
			err := commitUntilAnError(t.Context(), s, []delivery.Unit{next})
			b.LoseAnswers(key, 0)
			if key == produce { // it is not known whether they were appended
				require.Error(t, err)
				s, found = open(t, l)
				require.NotContains(t, found, next.Messages[1].Key)
				err = commitUntilAnError(t.Context(), s, []delivery.Unit{next})
			}
			require.NoError(t, err)
		}
	}
	s, _ := open(t, l)
	last := newUnit("last")
	units = append(units, last)
	b.LoseAnswers(endTxn, -1)
	err := commitUntilAnError(t.Context(), s, []delivery.Unit{last})
	require.ErrorContains(t, err, "commit a transaction: no answer in time")
	b.LoseAnswers(endTxn, 0)
	_, found := open(t, l)
	require.Empty(t, pendingOf(units, found), "it was committed the first time")
	assertEachOnce(t, b.Plaintext(), topics, units)
}

func TestAKafkaThatWasRebuiltEmptyIsToldAgain(t *testing.T) {
	b := realkafka.Fresh(t, nil)
	topics := newTopics()
	l := newLog(b.Plaintext(), topics, 2)
	units := []delivery.Unit{newUnit("web"), newUnit("db")}
	s, _ := open(t, l)
	require.NoError(t, commitUntilAnError(t.Context(), s, units))
	b.Kill(t)
	b.Empty(t)
	b.Start(t)
	require.Error(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("late")}), "the session ends, so that the next one reads")
	s, found := open(t, l)
	assert.Empty(t, found)
	require.NoError(t, commitUntilAnError(t.Context(), s, units))
	assertEachOnce(t, b.Plaintext(), topics, units)
}

// TestATransactionThatIsLeftOpenIsEnded has a broker take records of a transaction that its
// coordinator takes for ended, or for no part of the transaction (decision 0034).
func TestATransactionThatIsLeftOpenIsEnded(t *testing.T) {
	b := realkafka.Fresh(t, map[string]string{"transaction.partition.verification.enable": "false"})
	for sentence, test := range map[string]struct {
		committed bool
		want      map[string]int
	}{
		"it was never part of a transaction": {false, map[string]int{"before": 1, "after": 1}},
		"it was committed":                   {true, map[string]int{"before": 1, "left open": 1, "after": 1}},
	} {
		t.Run(sentence, func(t *testing.T) {
			topics := newTopics()
			l := newLog(b.Plaintext(), topics, 1)
			s, _ := open(t, l)
			require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("before")}))
			leaveOpen(t, b.Plaintext(), topics, test.committed)

			started := time.Now()
			s, found := open(t, l)
			assert.Less(t, time.Since(started), 30*time.Second, "nobody waits for what nobody decides")
			assert.Equal(t, test.committed, found["left open"])
			require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("after")}))
			for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
				assert.Equal(t, test.want, committed(t, b.Plaintext(), topic), topic)
			}
		})
	}
}

// leaveOpen publishes an event in a transaction that the topic of the inventory never became
// part of. Where it is committed, it ends on the other topic.
func leaveOpen(t *testing.T, broker string, topics kafka.TopicOptions, commit bool) {
	t.Helper()
	client, err := connect(t, []string{broker}, kafka.Settings{})
	require.NoError(t, err)
	defer client.Close()
	id := "xos-" + clusterOf(topics)
	coordinator, err := client.TransactionCoordinator(id)
	require.NoError(t, err)
	var producer *sarama.InitProducerIDResponse
	require.EventuallyWithT(t, func(c *assert.CollectT) { // it waits for the transaction before to end
		producer, err = coordinator.InitProducerID(&sarama.InitProducerIDRequest{
			Version: 4, TransactionalID: &id, TransactionTimeout: time.Minute, ProducerID: -1, ProducerEpoch: -1,
		})
		require.NoError(c, err)
		require.Equal(c, sarama.ErrNoError, producer.Err)
	}, enough, 20*time.Millisecond)
	if commit {
		joined, err := coordinator.AddPartitionsToTxn(&sarama.AddPartitionsToTxnRequest{
			Version: 2, TransactionalID: id, ProducerID: producer.ProducerID, ProducerEpoch: producer.ProducerEpoch,
			TopicPartitions: map[string][]int32{topics.PodTopic: {0}},
		})
		require.NoError(t, err)
		require.Equal(t, sarama.ErrNoError, joined.Errors[topics.PodTopic][0].Err)
	}
	now := time.Now()
	request := &sarama.ProduceRequest{Version: 9, TransactionalID: &id, RequiredAcks: sarama.WaitForAll, Timeout: 5000}
	for _, topic := range []string{topics.PodTopic, topics.InventoryTopic} {
		request.AddBatch(topic, 0, &sarama.RecordBatch{
			Version: 2, FirstTimestamp: now, MaxTimestamp: now, ProducerID: producer.ProducerID, ProducerEpoch: producer.ProducerEpoch,
			IsTransactional: true, Records: []*sarama.Record{{Key: []byte("left open")}},
		})
	}
	leader, err := client.Leader(topics.InventoryTopic, 0)
	require.NoError(t, err)
	answer, err := leader.Produce(request)
	require.NoError(t, err)
	require.Equal(t, sarama.ErrNoError, answer.GetBlock(topics.InventoryTopic, 0).Err)
	if commit {
		ended, err := coordinator.EndTxn(&sarama.EndTxnRequest{
			Version: 2, TransactionalID: id, ProducerID: producer.ProducerID, ProducerEpoch: producer.ProducerEpoch, TransactionResult: true,
		})
		require.NoError(t, err)
		require.Equal(t, sarama.ErrNoError, ended.Err)
	}
}
