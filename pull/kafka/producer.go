package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/IBM/sarama"
)

const (
	// transactionTimeout is after what time the broker aborts a transaction that is left open.
	transactionTimeout = 30 * time.Second
	// coordinatorRetry is the time between two requests to a coordinator that can't answer yet.
	coordinatorRetry = 20 * time.Millisecond
)

// producer is a transactional producer: the states of Kafka's transaction protocol, on the
// requests of sarama. sarama's own AsyncProducer retries behind its caller's back, does not
// tell which partition failed a transaction, and races with itself when one does (decision
// 0032). Without a transactional id it is an idempotent producer: the same but for joining
// and ending transactions, and it fences nobody.
//
// Its methods are called by one goroutine at a time.
type producer struct {
	client sarama.Client
	// id is the transactional id; empty for an idempotent producer.
	id    string
	pid   int64
	epoch int16
	// sequences are the next sequence numbers of the partitions in this epoch.
	sequences map[partition]int32
	// joined are the partitions of the current transaction, and written the offsets of the
	// last records that it has there.
	joined  map[partition]bool
	written map[partition]int64
	// committed are the offsets of the last records of committed transactions.
	committed map[partition]int64
	// shaken reports that a connection or a leader was lost, with which a broker may have
	// lost the end of a transaction.
	shaken bool
}

func newProducer(client sarama.Client, id string) *producer {
	return &producer{client: client, id: id, pid: -1, epoch: -1, committed: map[partition]int64{}}
}

// transactional returns whether the producer publishes in transactions.
func (p *producer) transactional() bool { return p.id != "" }

// transactionalID is the id as requests have it.
func (p *producer) transactionalID() *string {
	if !p.transactional() {
		return nil
	}
	return &p.id
}

// init fences the predecessors, of other processes or of this one, and aborts or completes
// what they have left open. An idempotent producer gets another producer id.
func (p *producer) init(ctx context.Context) error {
	if !p.transactional() {
		p.pid, p.epoch = -1, -1
	}
	var answer *sarama.InitProducerIDResponse
	err := p.coordinate(ctx, func(b *sarama.Broker) (sarama.KError, error) {
		var err error
		answer, err = b.InitProducerID(&sarama.InitProducerIDRequest{
			Version: 4, TransactionalID: p.transactionalID(), TransactionTimeout: transactionTimeout, ProducerID: p.pid, ProducerEpoch: p.epoch,
		})
		if err != nil {
			return sarama.ErrNoError, err
		}
		return answer.Err, nil
	})
	if err != nil {
		return fmt.Errorf("open a producer: %w", err)
	}
	p.pid, p.epoch = answer.ProducerID, answer.ProducerEpoch
	p.sequences, p.joined, p.written = map[partition]int32{}, map[partition]bool{}, map[partition]int64{}
	return nil
}

// wasCommitted returns whether the last transaction of the transactional id is committed,
// before init makes that be forgotten. It is not where Kafka does not know.
func (p *producer) wasCommitted(ctx context.Context) bool {
	committed := false
	err := p.coordinate(ctx, func(b *sarama.Broker) (sarama.KError, error) {
		answer, err := b.DescribeTransactions(&sarama.DescribeTransactionsRequest{TransactionalIDs: []string{p.id}})
		switch {
		case errors.Is(err, sarama.ErrUnsupportedVersion): // by Kafka before 3.0
			return sarama.ErrNoError, nil
		case err != nil:
			return sarama.ErrNoError, err
		case len(answer.TransactionStates) != 1:
			return sarama.ErrNoError, sarama.ErrIncompleteResponse
		}
		state := answer.TransactionStates[0]
		committed = state.TransactionState == "PrepareCommit" || state.TransactionState == "CompleteCommit"
		return state.ErrorCode, nil
	})
	return err == nil && committed // init has the same errors, and reports them
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
	if commit {
		maps.Copy(p.committed, p.written)
	}
	p.joined, p.written = map[partition]bool{}, map[partition]int64{}
	return nil
}

// coordinate sends a request to the coordinator of the transactional id, or to any broker
// where there is none, until it is answered by something that another try would not change.
// All these requests may be repeated: within an epoch the coordinator knows what it has
// done.
func (p *producer) coordinate(ctx context.Context, send func(*sarama.Broker) (sarama.KError, error)) error {
	for {
		answer := sarama.ErrNoError
		broker, err := p.coordinator()
		if err == nil {
			answer, err = send(broker)
		}
		moved := errors.Is(answer, sarama.ErrNotCoordinatorForConsumer) || errors.Is(answer, sarama.ErrConsumerCoordinatorNotAvailable)
		switch {
		case err == nil && errors.Is(answer, sarama.ErrNoError):
			return nil
		case refused(err):
			return err
		case err != nil:
			p.shaken = true
			if broker != nil {
				_ = broker.Close() // it is opened again by the next request
			}
			p.findCoordinator()
		case moved:
			p.shaken = true
			p.findCoordinator()
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

// coordinator returns the broker that coordinate asks.
func (p *producer) coordinator() (*sarama.Broker, error) {
	if p.transactional() {
		return p.client.TransactionCoordinator(p.id)
	}
	if broker := p.client.LeastLoadedBroker(); broker != nil {
		return broker, nil
	}
	return nil, sarama.ErrOutOfBrokers
}

// findCoordinator has the coordinator looked up anew. The next request reports what is wrong
// with it.
func (p *producer) findCoordinator() {
	if p.transactional() {
		_ = p.client.RefreshTransactionCoordinator(p.id)
	}
}

// refused returns whether our user may not have the producer that it asks for.
func refused(err error) bool {
	return errors.Is(err, sarama.ErrTransactionalIDAuthorizationFailed) || errors.Is(err, sarama.ErrClusterAuthorizationFailed)
}
