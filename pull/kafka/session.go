package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

const (
	// commitTimeout is how long a transaction may take before the session is given up. It is
	// less than transactionTimeout, after which the broker aborts it.
	commitTimeout = 20 * time.Second
	// credentialsPeriod is the time between two looks at the files of TLS and SASL.
	credentialsPeriod = 10 * time.Second
	// downtime is how long a partition that failed is not tried.
	downtime = time.Second
	// batchBytes bounds a batch of records, well below the max.message.bytes of a topic, by
	// default 1 MiB.
	batchBytes = 512 << 10
	// recordOverhead is more than a record takes beside its key, value and headers.
	recordOverhead = 64
)

// partition is a partition of one of the topics.
type partition struct {
	topic  string
	number int32
}

// String implements fmt.Stringer.
func (at partition) String() string {
	return fmt.Sprintf("partition %d of topic %s", at.number, at.topic)
}

// session implements delivery.Session.
type session struct {
	opts         Options
	client       sarama.Client
	producer     *producer
	partitioners map[string]sarama.Partitioner
	// down are the partitions that failed, and until when they are not tried.
	down map[partition]time.Time
	// unread are the partitions of the inventory that could not be read.
	unread map[partition]bool
	// undecided is how long to wait for a transaction that holds back a partition.
	undecided time.Duration
	// credentials identify the content of the files of TLS and SASL, which are looked at
	// again after checkAt.
	credentials string
	checkAt     time.Time
	once        sync.Once
}

// entry is a record of a unit on its way to a partition.
type entry struct {
	unit   int
	at     partition
	record *sarama.Record
	size   int
}

// Commit implements delivery.Session.
func (s *session) Commit(ctx context.Context, units []delivery.Unit) ([]error, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, commitTimeout, errNoAnswer)
	defer cancel()
	results, err := s.commit(ctx, units)
	if err != nil {
		return nil, s.opts.explain(ended(err))
	}
	for i, result := range results {
		if result != nil {
			results[i] = s.opts.explain(result)
		}
	}
	return results, nil
}

// commit publishes units. A transaction that fails for some of them is aborted and tried
// again without them.
func (s *session) commit(ctx context.Context, units []delivery.Unit) ([]error, error) {
	if err := errors.Join(s.current(), s.readable()); err != nil {
		return nil, err
	}
	results := make([]error, len(units))
	var entries []entry
	for i, unit := range units {
		encoded, err := s.encode(i, unit)
		results[i] = err
		entries = append(entries, encoded...)
	}
	if !s.producer.transactional() {
		return results, s.deliver(ctx, entries, results)
	}
	single := false
	for {
		pending := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return results[e.unit] != nil })
		if len(pending) == 0 {
			return results, nil
		}
		failed, err := s.transact(ctx, pending, single)
		if err != nil {
			return nil, err
		}
		if failed == nil && s.producer.shaken {
			s.producer.shaken = false
			return results, s.verify(ctx, endTimeout)
		}
		if failed == nil {
			return results, nil
		}
		single = s.attribute(failed, results)
	}
}

// transact publishes entries in one transaction, and returns the batches for which it was
// aborted; nil where it is committed. An error means that the session is at its end.
func (s *session) transact(ctx context.Context, entries []entry, single bool) ([]failure, error) {
	limit := batchBytes
	if single {
		limit = 0
	}
	for batches := range rounds(entries, limit) {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		if failed, err := s.publish(ctx, batches); err != nil || failed != nil {
			return failed, err
		}
	}
	if err := s.producer.end(ctx, true); err != nil {
		return nil, fmt.Errorf("commit a transaction: %w", err)
	}
	return nil, nil
}

// publish sends one batch to each partition. Where some fail, it aborts the transaction.
func (s *session) publish(ctx context.Context, batches map[partition][]entry) ([]failure, error) {
	if err := s.producer.join(ctx, slices.Collect(maps.Keys(batches))); err != nil {
		return nil, err
	}
	failed, err := s.send(batches)
	if err != nil || failed == nil {
		return nil, err
	}
	// What is committed, but still open, would be aborted along.
	if err := s.verify(ctx, 0); err != nil {
		return nil, err
	}
	joined := slices.Collect(maps.Keys(s.producer.joined))
	if err := s.producer.end(ctx, false); err != nil {
		return nil, fmt.Errorf("abort a transaction: %w", err)
	}
	// Whether the batches were appended is not known: another epoch has other sequences.
	if err := s.producer.init(ctx); err != nil {
		return nil, err
	}
	return failed, s.release(ctx, false, joined...)
}

// encode returns the records of a unit, or an error where one of its partitions is down.
func (s *session) encode(i int, unit delivery.Unit) ([]entry, error) {
	var entries []entry
	for _, m := range unit.Messages {
		if m.Topic == event.Vitrage && s.opts.VitrageTopic == "" {
			continue
		}
		at, err := s.choose(m)
		if err != nil {
			return nil, err
		}
		record := &sarama.Record{Key: []byte(m.Key), Value: m.Value}
		size := recordOverhead + len(m.Key) + len(m.Value)
		for _, h := range m.Headers {
			record.Headers = append(record.Headers, &sarama.RecordHeader{Key: []byte(h.Name), Value: []byte(h.Value)})
			size += len(h.Name) + len(h.Value) + recordOverhead/8
		}
		entries = append(entries, entry{i, at, record, size})
	}
	return entries, nil
}

// Partitions implements delivery.Session.
func (s *session) Partitions() (int32, error) {
	return s.count(s.opts.InventoryTopic)
}

// Partition implements delivery.Session.
func (s *session) Partition(key string) (int32, error) {
	return s.partitionOf(s.opts.InventoryTopic, key)
}

// count returns how many partitions a topic has.
func (s *session) count(topic string) (int32, error) {
	all, err := s.client.Partitions(topic)
	if err != nil {
		return 0, fmt.Errorf("list the partitions of topic %s: %w: %w", topic, delivery.ErrUnavailable, err)
	}
	return int32(len(all)), nil
}

// partitionOf returns the partition of a topic to which a key goes.
func (s *session) partitionOf(topic, key string) (int32, error) {
	all, err := s.count(topic)
	if err != nil {
		return 0, err
	}
	return s.partitioners[topic].Partition(&sarama.ProducerMessage{Key: sarama.StringEncoder(key)}, all)
}

// choose returns the partition of a message, if it has a leader. A transaction must not
// touch a partition without one: it could be neither committed nor aborted, and with it
// no other.
func (s *session) choose(m event.Message) (partition, error) {
	topic := map[event.Topic]string{
		event.Details: s.opts.PodTopic, event.Inventory: s.opts.InventoryTopic, event.Vitrage: s.opts.VitrageTopic,
	}[m.Topic]
	at := partition{topic: topic}
	if m.Partition != nil {
		at.number = *m.Partition
	} else {
		var err error
		if at.number, err = s.partitionOf(topic, m.Key); err != nil {
			return partition{}, err
		}
	}
	if time.Now().Before(s.down[at]) || s.unread[at] {
		return at, fmt.Errorf("%v: %w", at, delivery.ErrUnavailable)
	}
	if _, err := s.client.Leader(at.topic, at.number); err != nil {
		s.down[at] = time.Now().Add(downtime)
		return at, fmt.Errorf("%v: %w: %w", at, delivery.ErrUnavailable, err)
	}
	return at, nil
}

// current returns an error, which ends the session, where the files of TLS or SASL have
// changed: the next session connects with them. While they can't be read this one goes on.
func (s *session) current() error {
	if time.Now().Before(s.checkAt) {
		return nil
	}
	s.checkAt = time.Now().Add(credentialsPeriod)
	if now, err := s.opts.Fingerprint(); err == nil && now != s.credentials {
		return errors.New("the files of TLS or SASL have changed: connecting anew")
	}
	return nil
}

// readable returns an error, which ends the session, where a partition that could not be
// read has a leader again: the next session reads it.
func (s *session) readable() error {
	for at := range s.unread {
		if time.Now().Before(s.down[at]) {
			continue
		}
		if _, err := s.client.GetOffset(at.topic, at.number, sarama.OffsetNewest); err == nil {
			return fmt.Errorf("%v is available again", at)
		}
		s.down[at] = time.Now().Add(downtime)
	}
	return nil
}

// fenced returns whether an error reports that another producer has taken over.
func fenced(err error) bool {
	return errors.Is(err, sarama.ErrProducerFenced) || errors.Is(err, sarama.ErrInvalidProducerEpoch) ||
		errors.Is(err, sarama.ErrInvalidTxnState) || errors.Is(err, sarama.ErrInvalidProducerIDMapping)
}

// ended returns the error with which a session ends.
func ended(err error) error {
	if fenced(err) {
		return fmt.Errorf("%w: %w", delivery.ErrNotLeader, err)
	}
	return err
}

// Close implements delivery.Session. What is not committed is aborted by the next session.
func (s *session) Close() {
	s.once.Do(func() { _ = s.client.Close() }) // fails only where it is closed already
}
