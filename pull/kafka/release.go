package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"k8s.io/klog/v2"
)

// A coordinator can take a transaction for ended that is not in one of its partitions: Kafka
// 4 leaves out a partition that has no leader at that moment (KAFKA-20734, decision 0034).
// Until it ends there, no read-committed consumer gets past it. A marker ends whatever its
// producer id has open in a partition, so it takes an empty transaction of ours.

// endTimeout is how long a committed transaction may take to end in its partitions where a
// broker was lost meanwhile.
const endTimeout = 5 * time.Second

// errLeftOpen is the error of a partition in which a committed transaction does not end.
var errLeftOpen = errors.New("a committed transaction is still open: opening anew, which ends it")

// release ends, in the way of the last transaction, what this producer has left open in any of
// the partitions, or in all where none is given. It is called while it has no transaction: what
// it has published is decided, and what it will publish is not begun. Where another producer's
// transaction holds a partition back, ours is a further marker there, which nobody sees.
//
// A partition that does not answer is left out of this session: what is open there would end
// as the next transaction does.
func (s *session) release(ctx context.Context, commit bool, among ...partition) error {
	if !s.producer.transactional() {
		return nil // its records need no marker
	}
	if len(among) == 0 {
		among = s.partitions()
	}
	// In this order, so that what others publish meanwhile holds nothing back.
	end := s.lastOffsets(sarama.ReadUncommitted)
	stable := s.lastOffsets(sarama.ReadCommitted)
	var held []partition
	for _, at := range among {
		last, known := end[at]
		first, alsoKnown := stable[at]
		switch {
		case !known || !alsoKnown:
			s.unread[at], s.down[at] = true, time.Now().Add(downtime)
		case first < last:
			held = append(held, at)
		}
	}
	if len(held) == 0 {
		return nil
	}
	klog.FromContext(ctx).Info("An open transaction holds back partitions: it is ended if it is ours", "partitions", fmt.Sprint(held), "commit", commit)
	if err := s.producer.join(ctx, held); err != nil {
		return err
	}
	if err := s.producer.end(ctx, commit); err != nil {
		return fmt.Errorf("end a transaction that was left open: %w", err)
	}
	return nil
}

// verify returns an error, which ends the session, where a committed transaction stays open in
// a partition for so long.
func (s *session) verify(ctx context.Context, timeout time.Duration) error {
	deadline := time.Now().Add(timeout)
	for {
		open := s.leftOpen()
		if len(open) == 0 {
			return nil
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("%v: %w", open[0], errLeftOpen)
		}
		select {
		case <-time.After(coordinatorRetry):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leftOpen returns the partitions in which a committed transaction has not ended. One that does
// not answer is not among them.
func (s *session) leftOpen() []partition {
	stable := s.lastOffsets(sarama.ReadCommitted)
	var open []partition
	for at, last := range s.producer.committed {
		if first, known := stable[at]; known && first <= last {
			open = append(open, at)
		}
	}
	return open
}

// partitions are those of all topics.
func (s *session) partitions() []partition {
	var all []partition
	for _, topic := range s.opts.names() {
		numbers, err := s.client.Partitions(topic)
		if err != nil {
			continue // whoever publishes to it reports that
		}
		for _, number := range numbers {
			all = append(all, partition{topic, number})
		}
	}
	return all
}

// lastOffsets returns the end of each partition of the topics, as a consumer of an isolation
// level sees it. It sends one request to each broker.
func (s *session) lastOffsets(isolation sarama.IsolationLevel) map[partition]int64 {
	requests := map[*sarama.Broker]*sarama.OffsetRequest{}
	all := s.partitions()
	for _, at := range all {
		leader, err := s.client.Leader(at.topic, at.number)
		if err != nil {
			continue
		}
		request, ok := requests[leader]
		if !ok {
			request = sarama.NewOffsetRequest(s.client.Config().Version)
			request.IsolationLevel = isolation
			requests[leader] = request
		}
		request.AddBlock(at.topic, at.number, sarama.OffsetNewest, 1)
	}
	offsets := map[partition]int64{}
	var mu sync.Mutex
	var answered sync.WaitGroup
	for leader, request := range requests {
		answered.Go(func() {
			answer, err := leader.GetAvailableOffsets(request)
			if err != nil {
				_ = leader.Close() // it is opened again by the next request
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, at := range all {
				if block := answer.GetBlock(at.topic, at.number); block != nil && errors.Is(block.Err, sarama.ErrNoError) {
					offsets[at] = block.Offset
				}
			}
		})
	}
	answered.Wait()
	return offsets
}
