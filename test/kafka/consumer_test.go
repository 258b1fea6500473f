//go:build kafka

package kafka_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

// TestAConsumerOfARealKafkaGoesOnWhereItStopped has a broker go and come back while a
// consumer follows a topic.
func TestAConsumerOfARealKafkaGoesOnWhereItStopped(t *testing.T) {
	b, topics := realkafka.Fresh(t, nil), newTopics()
	s, _ := open(t, newLog(b.Plaintext(), topics, 3))
	commit := func(s delivery.Session, names ...string) {
		t.Helper()
		for _, name := range names {
			results, err := s.Commit(t.Context(), []delivery.Unit{newUnit(name)})
			require.NoError(t, err)
			require.NoError(t, results[0])
		}
	}
	commit(s, "a", "b", "c")
	consumer := func(since time.Time) *kafka.Consumer {
		t.Helper()
		c, err := kafka.NewConsumer(t.Context(), kafka.ConsumerOptions{Brokers: []string{b.Plaintext()}}, topics.InventoryTopic, since)
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c
	}
	var keys []string
	take := func(m event.Received) error {
		keys = append(keys, m.Key)
		return nil
	}
	c := consumer(time.Time{})
	require.NoError(t, c.ReadToEnd(t.Context(), take))
	assert.ElementsMatch(t, []string{"a", "b", "c"}, keys)

	var between time.Time
	require.Eventually(t, func() bool {
		before := between
		between = time.Now()
		return !before.IsZero() && between.UnixMilli() > before.UnixMilli()
	}, time.Minute, 2*time.Millisecond)
	commit(s, "d")
	keys = nil
	require.NoError(t, c.ReadToEnd(t.Context(), take))
	assert.Equal(t, []string{"d"}, keys)
	keys = nil
	require.NoError(t, consumer(between).ReadToEnd(t.Context(), take))
	assert.Equal(t, []string{"d"}, keys)

	enough := errors.New("enough")
	followed := make(chan error, 1)
	keys = nil
	go func() {
		followed <- c.Follow(t.Context(), func(m event.Received) error {
			if keys = append(keys, m.Key); len(keys) == 2 {
				return enough
			}
			return nil
		})
	}()
	commit(s, "e")
	b.Stop(t)
	b.Start(t)
	younger, _ := open(t, newLog(b.Plaintext(), topics, 3))
	commit(younger, "f")
	require.ErrorIs(t, <-followed, enough)
	assert.ElementsMatch(t, []string{"e", "f"}, keys, "each once; they may be of different partitions")
}
