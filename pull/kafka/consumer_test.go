package kafka

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

func newConsumer(t *testing.T, c *kfake.Cluster, topic string, since time.Time) *Consumer {
	t.Helper()
	consumer, err := NewConsumer(t.Context(), ConsumerOptions{Brokers: c.ListenAddrs()}, topic, since)
	require.NoError(t, err)
	t.Cleanup(consumer.Close)
	return consumer
}

// keysToEnd returns the keys up to the end of a consumer's topic.
func keysToEnd(t *testing.T, c *Consumer) []string {
	t.Helper()
	var keys []string
	require.NoError(t, c.ReadToEnd(t.Context(), func(m event.Received) error {
		keys = append(keys, m.Key)
		return nil
	}))
	return keys
}

func TestAConsumerReadsToTheEndAndGoesOnFromThere(t *testing.T) {
	c := newBroker(t, bothTopics(3))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	commit(t, s, unit("db")) // a control record is the last of each partition
	consumer := newConsumer(t, c, DefaultTopic, time.Time{})
	assert.Equal(t, int32(3), consumer.Partitions())
	assert.ElementsMatch(t, []string{"web", "db"}, keysToEnd(t, consumer))
	assert.Empty(t, keysToEnd(t, consumer))

	commit(t, s, unit("cache"))
	var got []event.Received
	require.NoError(t, consumer.ReadToEnd(t.Context(), func(m event.Received) error {
		got = append(got, m)
		return nil
	}))
	require.Len(t, got, 1)
	assert.Equal(t, "cache", got[0].Key)
	assert.JSONEq(t, `{"name":"cache"}`, string(got[0].Value))
	assert.Equal(t, []event.Header{{Name: "ce_id", Value: "cache.created"}}, got[0].Headers)
	assert.Equal(t, "cache.created", got[0].Header("ce_id"))
	assert.Empty(t, got[0].Header("ce_type"))
	assert.WithinDuration(t, time.Now(), got[0].Time, time.Minute)
}

func TestAConsumerTellsATombstoneFromAnEmptyValue(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	gone, empty := unit("gone"), unit("empty")
	gone.Messages, empty.Messages = gone.Messages[1:], empty.Messages[1:]
	gone.Messages[0].Value, empty.Messages[0].Value = nil, []byte{}
	commit(t, s, gone, empty)
	tombstones := map[string]bool{}
	require.NoError(t, newConsumer(t, c, DefaultInventoryTopic, time.Time{}).ReadToEnd(t.Context(), func(m event.Received) error {
		tombstones[m.Key] = m.Value == nil
		return nil
	}))
	assert.Equal(t, map[string]bool{"cluster/gone": true, "cluster/empty": false}, tombstones)
}

func TestAConsumerBeginsAtATime(t *testing.T) {
	c := newBroker(t, bothTopics(3))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("before"))
	between := nextMillisecond()
	commit(t, s, unit("after"))
	assert.Equal(t, []string{"after"}, keysToEnd(t, newConsumer(t, c, DefaultTopic, between)))

	late := newConsumer(t, c, DefaultTopic, nextMillisecond())
	assert.Empty(t, keysToEnd(t, late), "all is older")
	commit(t, s, unit("later"))
	assert.Equal(t, []string{"later"}, keysToEnd(t, late))
}

// nextMillisecond returns a time that is later than all before, as far as Kafka's times tell.
func nextMillisecond() time.Time {
	for before := time.Now().UnixMilli(); ; {
		if now := time.Now(); now.UnixMilli() > before {
			return now
		}
	}
}

func TestAConsumerFollowsATopic(t *testing.T) {
	c := newBroker(t, bothTopics(3))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	consumer := newConsumer(t, c, DefaultTopic, time.Time{})
	enough := errors.New("enough")
	var keys []string
	err := consumer.Follow(t.Context(), func(m event.Received) error {
		if keys = append(keys, m.Key); len(keys) == 3 {
			return enough
		}
		if len(keys) == 1 {
			return commitErr(t.Context(), s, unit("db"), unit("cache"))
		}
		return nil
	})
	require.Equal(t, enough, err, "as it is")
	assert.ElementsMatch(t, []string{"web", "db", "cache"}, keys)
}

// commitErr is commit for a function that returns an error.
func commitErr(ctx context.Context, s delivery.Session, units ...delivery.Unit) error {
	results, err := s.Commit(ctx, units)
	return errors.Join(append(results, err)...)
}

func TestAConsumerThatFollowsNoticesPartitionsThatAreAdded(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	consumer := newConsumer(t, c, DefaultTopic, time.Time{})
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"} // in several partitions
	enough := errors.New("enough")
	var keys []string
	err := consumer.Follow(t.Context(), func(m event.Received) error {
		if keys = append(keys, m.Key); len(keys) == 1+len(names) {
			return enough
		}
		if len(keys) > 1 {
			return nil
		}
		admin, err := sarama.NewClusterAdminFromClient(consumer.client)
		require.NoError(t, err)
		require.NoError(t, admin.CreatePartitions(DefaultTopic, 4, nil, false))
		require.NoError(t, consumer.client.RefreshMetadata(DefaultTopic)) // as it does by itself each minute
		later, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
		var units []delivery.Unit
		for _, name := range names {
			units = append(units, unit(name))
		}
		return commitErr(t.Context(), later, units...)
	})
	require.ErrorIs(t, err, enough)
	assert.ElementsMatch(t, append(names, "web"), keys)
	assert.Equal(t, int32(4), consumer.Partitions())
}

func TestAConsumerThatFollowsOutlastsABrokenConnection(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	consumer := newConsumer(t, c, DefaultTopic, time.Time{})
	enough := errors.New("enough")
	var keys []string
	err := consumer.Follow(t.Context(), func(m event.Received) error {
		if keys = append(keys, m.Key); len(keys) == 2 {
			return enough
		}
		leader, err := consumer.client.Leader(DefaultTopic, 0)
		return errors.Join(err, leader.Close(), commitErr(t.Context(), s, unit("db")))
	})
	require.ErrorIs(t, err, enough)
	assert.Equal(t, []string{"web", "db"}, keys, "each once")
}

func TestAConsumerEndsWithItsContext(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	ctx, cancel := context.WithCancel(t.Context())
	err := newConsumer(t, c, DefaultTopic, time.Time{}).Follow(ctx, func(event.Received) error {
		cancel()
		return nil
	})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestATopicThatIsNotThereIsNamed(t *testing.T) {
	c := newBroker(t)
	_, err := NewConsumer(t.Context(), ConsumerOptions{Brokers: c.ListenAddrs()}, DefaultTopic, time.Time{})
	require.ErrorContains(t, err, "read topic xos.kubernetes.pod-details of Kafka at "+c.ListenAddrs()[0]+": there is no such topic")
	assert.Nil(t, c.TopicInfo(DefaultTopic), "the broker must not make it up")
}

func TestWhatIsDeletedWhileAConsumerIsAwayIsReported(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	commit(t, s, unit("web"))
	consumer := newConsumer(t, c, DefaultTopic, time.Time{})
	consumer.readers[0].next = 1000
	err := consumer.Follow(t.Context(), func(event.Received) error { return nil })
	assert.ErrorContains(t, err, "begin anew")
}
