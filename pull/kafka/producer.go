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
)

const (
	// transactionTimeout is after what time the broker aborts a transaction that is left open.
	transactionTimeout = 30 * time.Second
	// coordinatorRetry is the time between two requests to a coordinator that can't answer yet.
	coordinatorRetry = 20 * time.Millisecond
	// produceTimeout is how long a leader may wait for its replicas.
	produceTimeout = 5 * time.Second
)

// producer is a transactional producer: the states of Kafka's transaction protocol, on the
// requests of sarama. sarama's own AsyncProducer retries behind its caller's back, does not
// tell which partition failed a transaction, and races with itself when one does (decision
// 0031).
//
// Its methods are called by one goroutine at a time.
type producer struct {
	client sarama.Client
	// id is the transactional id.
	id    string
	pid   int64
	epoch int16
	// sequences are the next sequence numbers of the partitions in this epoch.
	sequences map[partition]int32
	// joined are the partitions of the current transaction.
	joined map[partition]bool
}

func newProducer(client sarama.Client, id string) *producer {
	return &producer{client: client, id: id, pid: -1, epoch: -1}
}

// init fences the predecessors, of other processes or of this one, and aborts or completes
// what they have left open.
func (p *producer) init(ctx context.Context) error {
	var answer *sarama.InitProducerIDResponse
	err := p.coordinate(ctx, func(b *sarama.Broker) (sarama.KError, error) {
		var err error
		answer, err = b.InitProducerID(&sarama.InitProducerIDRequest{
			Version: 4, TransactionalID: &p.id, TransactionTimeout: transactionTimeout, ProducerID: p.pid, ProducerEpoch: p.epoch,
		})
		if err != nil {
			return sarama.ErrNoError, err
		}
		return answer.Err, nil
	})
	if err != nil {
		return fmt.Errorf("open a transactional producer: %w", err)
	}
	p.pid, p.epoch = answer.ProducerID, answer.ProducerEpoch
	p.sequences, p.joined = map[partition]int32{}, map[partition]bool{}
	return nil
}

// join makes partitions part of the current transaction, which begins with the first.
func (p *producer) join(ctx context.Context, partitions []partition) error {
	added := map[string][]int32{}
	for _, at := range partitions {
		if !p.joined[at] {
			added[at.topic] = append(added[at.topic], at.number)
		}
	}
	if len(added) == 0 {
		return nil
	}
	err := p.coordinate(ctx, func(b *sarama.Broker) (sarama.KError, error) {
		answer, err := b.AddPartitionsToTxn(&sarama.AddPartitionsToTxnRequest{
			Version: 2, TransactionalID: p.id, ProducerID: p.pid, ProducerEpoch: p.epoch, TopicPartitions: added,
		})
		if err != nil {
			return sarama.ErrNoError, err
		}
		return worst(answer.Errors), nil
	})
	if err != nil {
		return fmt.Errorf("add partitions to the transaction: %w", err)
	}
	for _, at := range partitions {
		p.joined[at] = true
	}
	return nil
}

// worst is the error that counts where a request failed for some partitions: the others
// were then not attempted.
func worst(all map[string][]*sarama.PartitionError) sarama.KError {
	found := sarama.ErrNoError
	for _, errs := range all {
		for _, e := range errs {
			if !errors.Is(e.Err, sarama.ErrNoError) && (errors.Is(found, sarama.ErrNoError) || errors.Is(found, sarama.ErrOperationNotAttempted)) {
				found = e.Err
			}
		}
	}
	return found
}

// end commits or aborts the current transaction.
func (p *producer) end(ctx context.Context, commit bool) error {
	if len(p.joined) == 0 {
		return nil
	}
	err := p.coordinate(ctx, func(b *sarama.Broker) (sarama.KError, error) {
		answer, err := b.EndTxn(&sarama.EndTxnRequest{
			Version: 2, TransactionalID: p.id, ProducerID: p.pid, ProducerEpoch: p.epoch, TransactionResult: commit,
		})
		if err != nil {
			return sarama.ErrNoError, err
		}
		return answer.Err, nil
	})
	if err != nil {
		return err
	}
	p.joined = map[partition]bool{}
	return nil
}

// coordinate sends a request to the coordinator of the transactional id until it is
// answered by something that another try would not change. All these requests may be
// repeated: within an epoch the coordinator knows what it has done.
func (p *producer) coordinate(ctx context.Context, send func(*sarama.Broker) (sarama.KError, error)) error {
	for {
		answer := sarama.ErrNoError
		broker, err := p.client.TransactionCoordinator(p.id)
		if err == nil {
			answer, err = send(broker)
		}
		moved := errors.Is(answer, sarama.ErrNotCoordinatorForConsumer) || errors.Is(answer, sarama.ErrConsumerCoordinatorNotAvailable)
		switch {
		case err == nil && errors.Is(answer, sarama.ErrNoError):
			return nil
		case err != nil:
			if broker != nil {
				_ = broker.Close() // it is opened again by the next request
			}
			_ = p.client.RefreshTransactionCoordinator(p.id) // the next try reports it
		case moved:
			_ = p.client.RefreshTransactionCoordinator(p.id)
		case !errors.Is(answer, sarama.ErrConcurrentTransactions) && !errors.Is(answer, sarama.ErrOffsetsLoadInProgress):
			return answer
		}
		select {
		case <-time.After(coordinatorRetry):
		case <-ctx.Done():
			if err == nil {
				err = answer
			}
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

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
				Version: 9, TransactionalID: &p.id, RequiredAcks: sarama.WaitForAll, Timeout: int32(produceTimeout.Milliseconds()),
			}
			requests[leader] = request
		}
		request.AddBatch(at.topic, at.number, p.batch(at, records))
		targets[leader] = append(targets[leader], at)
	}
	var mu sync.Mutex
	var answered sync.WaitGroup
	for leader, request := range requests {
		answered.Go(func() {
			errs := p.send(leader, request, targets[leader])
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(failed, errs)
		})
	}
	answered.Wait()
	return failed
}

// batch numbers the records of a partition.
func (p *producer) batch(at partition, records []*sarama.Record) *sarama.RecordBatch {
	now := time.Now()
	b := &sarama.RecordBatch{
		Version: 2, Codec: sarama.CompressionNone, FirstTimestamp: now, MaxTimestamp: now, LastOffsetDelta: int32(len(records) - 1),
		ProducerID: p.pid, ProducerEpoch: p.epoch, FirstSequence: p.sequences[at], IsTransactional: true, Records: records,
	}
	for i, r := range records {
		r.OffsetDelta = int64(i)
	}
	p.sequences[at] += int32(len(records))
	return b
}

// send sends a request to a leader, and returns the errors of its partitions.
func (p *producer) send(leader *sarama.Broker, request *sarama.ProduceRequest, targets []partition) map[partition]error {
	failed := map[partition]error{}
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
			}
		}
		if reason != nil {
			failed[at] = reason
		}
	}
	if err != nil || slices.ContainsFunc(slices.Collect(maps.Values(failed)), movedLeader) {
		_ = p.client.RefreshMetadata(topicsOf(targets)...) // the next look for a leader reports it
	}
	return failed
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
