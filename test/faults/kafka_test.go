package faults_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// outage has the broker cut off, or ended and started with its data, while so many steps of
// the load are taken.
func (s *scene) outage(l *load, steps int) {
	s.Helper()
	if s.rand.IntN(2) == 0 {
		s.broker.cut()
		l.more(steps)
		s.broker.mend()
		return
	}
	s.broker.stop()
	l.more(steps)
	s.broker.start()
}

func TestKafkaIsAwayAgainAndAgain(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	for range 4 {
		l.more(s.rand.IntN(30))
		s.outage(l, 20+s.rand.IntN(60))
	}
	l.more(20)
	l.end()
	s.settle()
}

func TestManagerAndKafkaAreAwayInTurn(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	for range 3 {
		l.more(s.rand.IntN(30))
		// Kafka goes first, and comes last: what a manager kept of this time is all that the
		// next one has.
		s.broker.cut()
		l.more(20 + s.rand.IntN(40))
		s.kill()
		l.more(s.rand.IntN(30))
		s.start()
		l.more(s.rand.IntN(30))
		s.broker.mend()
		l.more(s.rand.IntN(20))
		s.kill()
		s.outage(l, s.rand.IntN(40))
		s.start()
	}
	l.end()
	s.settle()
}

// TestAnswersAreLost has requests carried out whose answers do not arrive, and answered by
// errors that do not say whether they were.
func TestAnswersAreLost(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(10)
	for _, key := range []kmsg.Key{kmsg.EndTxn, kmsg.Produce, kmsg.AddPartitionsToTxn, kmsg.EndTxn} {
		count := 1 + s.rand.IntN(3)
		s.broker.gate.loseAnswers(int16(key), count)
		plane.Wait(t, waitTimeout, func(context.Context) (bool, string) {
			lost := s.broker.gate.answersLost()
			return lost == count, fmt.Sprintf("%d of %d answers to %s are lost", lost, count, key.Name())
		})
		l.more(s.rand.IntN(20))
	}
	for _, f := range []kfake.Fault{
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.RequestTimedOut}, // and appended
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicasAfterAppend},
		{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition},
		{Keys: []kmsg.Key{kmsg.AddPartitionsToTxn}, Err: kerr.ConcurrentTransactions},
		{Keys: []kmsg.Key{kmsg.AddPartitionsToTxn}, Err: kerr.UnknownServerError},
		{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.CoordinatorLoadInProgress},
		{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.NotCoordinator},
		{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.UnknownServerError},
		{Keys: []kmsg.Key{kmsg.InitProducerID}, Err: kerr.ConcurrentTransactions},
		{Keys: []kmsg.Key{kmsg.InitProducerID}, Err: kerr.UnknownServerError},
	} {
		f.Count = 1 + s.rand.IntN(2)
		h := s.broker.cluster.Fault(f)
		if f.Keys[0] == kmsg.InitProducerID { // which a failed transaction leads to
			s.broker.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotLeaderForPartition})
		}
		ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
		err := h.Wait(ctx, f.Count)
		cancel()
		require.NoError(t, err, "%s is answered by %v", f.Keys[0].Name(), f.Err)
		l.more(s.rand.IntN(10))
	}
	l.end()
	s.settle()
}

func TestKafkaIsRebuiltEmpty(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(60)
	s.broker.stop()
	l.more(30)
	s.broker.rebuild()
	l.more(30)
	l.end()
	s.settle()
}

// TestOnePartitionHasNoLeader has one partition of the topic of details fail while the events
// of the others go on as ever.
func TestOnePartitionHasNoLeader(t *testing.T) {
	s := newScene(t, 2)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(30)
	const dead = 1
	back := s.broker.withoutLeader(kafka.DefaultTopic, dead)
	l.more(80)
	l.end()
	s.history.requireWhole(t, s.selected...)
	// A name has its partition, so the pods of a name wait or do not.
	waiting := func(l life) bool { return partitionOf(l.name) == dead }
	plane.Wait(t, patience, func(ctx context.Context) (bool, string) {
		v, waits, err := s.verdictBut(ctx, waiting, dead)
		if err != nil {
			return false, err.Error()
		}
		return len(v.faults) == 0 && v.reported > 0 && waits > 0, fmt.Sprintf("%v, %d wait, and %d faults:\n%s", v, waits, len(v.faults), v.explain(20))
	})
	back()
	s.settle()
}

// TestNothingFails guards the scenarios themselves: without any fault, the
// oracle has nothing to excuse.
func TestNothingFails(t *testing.T) {
	s := newScene(t, 3)
	s.start()
	l := s.startLoad(append(s.selected, s.other)...)
	l.more(100)
	l.end()
	v := s.awaitClean()
	require.Zero(t, v.unwatched+v.unkept+v.forgotten+v.outdated, v)
	s.settle()
}

// withoutLeader has a partition without a leader until the function that it returns is
// called: it can be neither written nor read, and metadata say so.
func (b *broker) withoutLeader(topic string, number int32) (back func()) {
	b.t.Helper()
	h := b.cluster.Fault(kfake.Fault{
		Keys:  []kmsg.Key{kmsg.Produce, kmsg.Fetch, kmsg.ListOffsets},
		Topic: topic, Partitions: []int32{number}, Err: kerr.NotLeaderForPartition, Count: -1,
	})
	var dead atomic.Bool
	dead.Store(true)
	b.cluster.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if !dead.Load() {
			b.cluster.DropControl()
			return nil, nil, false
		}
		b.cluster.KeepControl()
		return b.metadata(r.(*kmsg.MetadataRequest), topic, number), nil, true
	})
	return func() {
		h.Remove()
		dead.Store(false)
	}
}

// metadata answers as a broker does of which one partition has no leader.
func (b *broker) metadata(r *kmsg.MetadataRequest, topic string, number int32) kmsg.Response {
	answer := r.ResponseKind().(*kmsg.MetadataResponse)
	node := kmsg.NewMetadataResponseBroker()
	node.Host, node.Port = "127.0.0.1", int32(b.port)
	answer.Brokers = append(answer.Brokers, node)
	asked := []string{kafka.DefaultTopic, kafka.DefaultInventoryTopic}
	if r.Topics != nil {
		asked = nil
		for _, t := range r.Topics {
			asked = append(asked, *t.Topic)
		}
	}
	for _, name := range asked {
		info := b.cluster.TopicInfo(name)
		t := kmsg.NewMetadataResponseTopic()
		t.Topic, t.TopicID = &name, info.TopicID
		for _, p := range b.cluster.PartitionInfos(name) {
			part := kmsg.NewMetadataResponseTopicPartition()
			part.Partition, part.Replicas, part.ISR = p.Partition, []int32{0}, []int32{0}
			part.LeaderEpoch = p.Epoch
			if name == topic && p.Partition == number {
				part.Leader, part.ErrorCode = -1, kerr.LeaderNotAvailable.Code
			}
			t.Partitions = append(t.Partitions, part)
		}
		answer.Topics = append(answer.Topics, t)
	}
	return answer
}
