package kafka

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

// produceTimeout is how long a leader may wait for its replicas.
const produceTimeout = 5 * time.Second

// produce sends one batch of records to each partition, and returns the errors of those
// that failed. Whether such a batch was appended is not known.
func (p *producer) produce(batches map[partition][]*sarama.Record) map[partition]error {
	requests := map[*sarama.Broker]*sarama.ProduceRequest{}
	targets := map[*sarama.Broker][]partition{}
	failed := map[partition]error{}
	for at, records := range batches {
		leader, err := p.client.Leader(at.topic, at.number)
		if err != nil {
			failed[at] = fmt.Errorf("find the leader: %w", err)
			continue
		}
		request, ok := requests[leader]
		if !ok {
			request = &sarama.ProduceRequest{
				Version: 9, TransactionalID: p.transactionalID(), RequiredAcks: sarama.WaitForAll, Timeout: int32(produceTimeout.Milliseconds()),
			}
			requests[leader] = request
		}
		request.AddBatch(at.topic, at.number, p.batch(at, records))
		targets[leader] = append(targets[leader], at)
	}
	offsets := map[partition]int64{}
	var mu sync.Mutex
	var answered sync.WaitGroup
	for leader, request := range requests {
		answered.Go(func() {
			first, errs := p.send(leader, request, targets[leader])
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(offsets, first)
			maps.Copy(failed, errs)
		})
	}
	answered.Wait()
	for at, records := range batches {
		err := failed[at]
		switch {
		case err == nil:
			p.written[at] = offsets[at] + int64(len(records)) - 1
		case movedLeader(err), !errors.As(err, new(sarama.KError)):
			p.shaken = true
		}
	}
	return failed
}

// batch numbers the records of a partition.
func (p *producer) batch(at partition, records []*sarama.Record) *sarama.RecordBatch {
	now := time.Now()
	b := &sarama.RecordBatch{
		Version: 2, Codec: sarama.CompressionNone, FirstTimestamp: now, MaxTimestamp: now, LastOffsetDelta: int32(len(records) - 1),
		ProducerID: p.pid, ProducerEpoch: p.epoch, FirstSequence: p.sequences[at], IsTransactional: p.transactional(), Records: records,
	}
	for i, r := range records {
		r.OffsetDelta = int64(i)
	}
	p.sequences[at] += int32(len(records))
	return b
}

// send sends a request to a leader, and returns the first offsets of its batches, and the
// errors of its partitions.
func (p *producer) send(leader *sarama.Broker, request *sarama.ProduceRequest, targets []partition) (first map[partition]int64, failed map[partition]error) {
	first, failed = map[partition]int64{}, map[partition]error{}
	answer, err := leader.Produce(request)
	if err != nil {
		_ = leader.Close() // it is opened again by the next request
	}
	for _, at := range targets {
		reason := err
		if reason == nil {
			block := answer.GetBlock(at.topic, at.number)
			switch {
			case block == nil:
				reason = errors.New("the answer has no block of the partition")
			case !errors.Is(block.Err, sarama.ErrNoError) && !errors.Is(block.Err, sarama.ErrDuplicateSequenceNumber):
				reason = block.Err
			default:
				first[at] = block.Offset
			}
		}
		if reason != nil {
			failed[at] = reason
		}
	}
	if err != nil || slices.ContainsFunc(slices.Collect(maps.Values(failed)), movedLeader) {
		_ = p.client.RefreshMetadata(topicsOf(targets)...) // the next look for a leader reports it
	}
	return first, failed
}

func movedLeader(err error) bool {
	return errors.Is(err, sarama.ErrNotLeaderForPartition) || errors.Is(err, sarama.ErrLeaderNotAvailable) || errors.Is(err, sarama.ErrUnknownTopicOrPartition)
}

func topicsOf(partitions []partition) []string {
	var topics []string
	for _, at := range partitions {
		if !slices.Contains(topics, at.topic) {
			topics = append(topics, at.topic)
		}
	}
	return topics
}
