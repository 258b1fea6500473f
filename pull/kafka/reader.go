package kafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/IBM/sarama"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/pull/event"
)

const (
	// undecidedTimeout is how long a transaction may be open before its partition counts as
	// unavailable. It is more than transactionTimeout, after which a broker aborts one.
	undecidedTimeout = transactionTimeout + 10*time.Second
	// rereadPause is the time until such a partition is read again, while which all wait.
	rereadPause = 10 * time.Minute
	// fetchSize bounds an answer to a fetch, unless a single batch is larger.
	fetchSize = 4 << 20
	// fetchWait is how long the broker may wait for messages where there is none.
	fetchWait = 250 * time.Millisecond
)

// read calls a function with all committed messages of a topic, in the order of each
// partition, up to its end as it was when the reading began. A partition without a leader is
// left out, unless none has one: what it has to say is not known, so nothing is published to
// it in this session. So is one that a transaction holds back which nobody decides.
func (s *session) read(ctx context.Context, topic string, visit func(key string, value []byte)) error {
	numbers, err := s.client.Partitions(topic)
	if err != nil {
		return fmt.Errorf("list the partitions of topic %s: %w", topic, err)
	}
	var failed []error
	for _, number := range numbers {
		at := partition{topic, number}
		if s.unread[at] {
			failed = append(failed, fmt.Errorf("%v: %w", at, sarama.ErrLeaderNotAvailable))
			continue
		}
		p := newReader(s.client, at, s.undecided)
		err := p.readAll(ctx, func(m event.Received) error {
			visit(m.Key, m.Value)
			return nil
		})
		if err == nil {
			continue
		}
		err = fmt.Errorf("%v: %w", at, err)
		pause := downtime
		switch {
		case errors.Is(err, errUndecided):
			pause = rereadPause
		case !movedLeader(err):
			return err
		}
		s.unread[at], s.down[at] = true, time.Now().Add(pause)
		failed = append(failed, err)
		klog.FromContext(ctx).Error(err, "The events of a partition wait, since it can't be read")
	}
	if len(failed) > 0 && len(failed) == len(numbers) {
		return failed[0]
	}
	return nil
}

// reader reads the committed messages of one partition. sarama's own consumer hands out
// messages, and no sign that the end is reached where the last offsets are control records,
// as they are after each transaction.
type reader struct {
	client    sarama.Client
	partition partition
	// next is the offset that is read next.
	next int64
	// aborted are the producers whose transaction, at this place, was aborted.
	aborted sets.Set[int64]
	// undecided is how long to wait for a transaction to be decided.
	undecided time.Duration
}

func newReader(client sarama.Client, at partition, undecided time.Duration) *reader {
	return &reader{client: client, partition: at, aborted: sets.New[int64](), undecided: undecided}
}

// errUndecided is the error of a partition that a transaction holds back.
var errUndecided = errors.New("a transaction is neither committed nor aborted: find and abort it by kafka-transactions.sh")

// readAll visits what is there from the first offset on.
func (r *reader) readAll(ctx context.Context, visit func(event.Received) error) error {
	if err := r.seek(sarama.OffsetOldest); err != nil {
		return err
	}
	end, err := r.end()
	if err != nil {
		return err
	}
	return r.readTo(ctx, end, visit)
}

// seek goes to the first message of a time in milliseconds or later, or, for
// sarama.OffsetOldest, to the first of all. Where there is none, it goes to the end.
func (r *reader) seek(time int64) (err error) {
	if r.next, err = r.client.GetOffset(r.partition.topic, r.partition.number, time); err != nil {
		return fmt.Errorf("find the first offset: %w", err)
	}
	if r.next < 0 {
		r.next, err = r.end()
	}
	return err
}

// end returns the offset after the last message.
func (r *reader) end() (int64, error) {
	end, err := r.client.GetOffset(r.partition.topic, r.partition.number, sarama.OffsetNewest)
	if err != nil {
		return 0, fmt.Errorf("find the last offset: %w", err)
	}
	return end, nil
}

// readTo visits the messages up to an offset. Where a transaction of another producer is
// open, the broker holds back what comes after its beginning until that is decided, at most
// for the transaction's timeout.
func (r *reader) readTo(ctx context.Context, end int64, visit func(event.Received) error) error {
	progress := time.Now()
	for r.next < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		block, err := r.fetch()
		if err != nil {
			return err
		}
		before := r.next
		if err := r.consume(block, visit); err != nil {
			return err
		}
		switch {
		case r.next > before:
			progress = time.Now()
		case block.LastStableOffset >= end:
			r.next = end // compaction has left nothing behind this offset
		case time.Since(progress) > r.undecided:
			return fmt.Errorf("at offset %d: %w", r.next, errUndecided)
		}
	}
	return nil
}

func (r *reader) fetch() (*sarama.FetchResponseBlock, error) {
	leader, err := r.client.Leader(r.partition.topic, r.partition.number)
	if err != nil {
		return nil, fmt.Errorf("find the leader: %w", err)
	}
	response, err := fetch(leader, []*reader{r})
	if err != nil {
		return nil, err
	}
	return r.blockOf(response)
}

// fetch asks a broker for what partitions that it leads hold.
func fetch(leader *sarama.Broker, readers []*reader) (*sarama.FetchResponse, error) {
	request := &sarama.FetchRequest{
		Version: 11, MinBytes: 1, MaxBytes: fetchSize, MaxWaitTime: int32(fetchWait.Milliseconds()),
		Isolation: sarama.ReadCommitted, SessionEpoch: -1, // no fetch session
	}
	for _, r := range readers {
		request.AddBlock(r.partition.topic, r.partition.number, r.next, fetchSize, -1)
	}
	response, err := leader.Fetch(request)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return response, nil
}

// blockOf returns what an answer holds of the partition.
func (r *reader) blockOf(response *sarama.FetchResponse) (*sarama.FetchResponseBlock, error) {
	block := response.GetBlock(r.partition.topic, r.partition.number)
	if block == nil {
		return nil, errors.New("fetch: the answer has no block of the partition")
	}
	if !errors.Is(block.Err, sarama.ErrNoError) {
		return nil, fmt.Errorf("fetch: %w", block.Err)
	}
	return block, nil
}

// consume visits the committed messages of a block from the next offset on, and goes to the
// offset after it.
func (r *reader) consume(block *sarama.FetchResponseBlock, visit func(event.Received) error) error {
	aborted := slices.Clone(block.AbortedTransactions)
	slices.SortFunc(aborted, func(a, b *sarama.AbortedTransaction) int { return int(a.FirstOffset - b.FirstOffset) })
	for _, records := range block.RecordsSet {
		batch := records.RecordBatch
		if batch == nil {
			continue // of before Kafka 0.11
		}
		last := batch.FirstOffset + int64(batch.LastOffsetDelta)
		for len(aborted) > 0 && aborted[0].FirstOffset <= last {
			r.aborted.Insert(aborted[0].ProducerID)
			aborted = aborted[1:]
		}
		switch {
		case batch.Control:
			if isAbort(batch) {
				r.aborted.Delete(batch.ProducerID)
			}
		case !batch.IsTransactional || !r.aborted.Has(batch.ProducerID):
			for _, record := range batch.Records {
				if m := newMessage(r.partition.number, batch, record); m.Offset >= r.next {
					if err := visit(m); err != nil {
						return err
					}
				}
			}
		}
		r.next = max(r.next, last+1)
	}
	return nil
}

// isAbort returns whether a control batch ends a transaction that was aborted: its only
// record has a key of a version and a type, of which 0 is an abort.
func isAbort(batch *sarama.RecordBatch) bool {
	if len(batch.Records) == 0 || len(batch.Records[0].Key) < 4 {
		return false
	}
	return binary.BigEndian.Uint16(batch.Records[0].Key[2:]) == 0
}
