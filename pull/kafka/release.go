package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/IBM/sarama"
	"k8s.io/klog/v2"
)

// release ends the transactions that this producer has left open in partitions while its
// coordinator takes them for ended, which a broker that was killed can leave behind (decision
// 0034). Until they end, no read-committed consumer gets past them. The marker by which a
// transaction ends in a partition ends any that its producer id has there, so it takes an
// empty transaction of ours, aborted. Where another producer's transaction holds a partition
// back, that is a further marker, which nobody sees.
//
// It is called while this producer has no transaction: what it has published is ended, and
// what it will publish is not begun.
func (s *session) release(ctx context.Context) error {
	if !s.producer.transactional() {
		return nil // its records need no marker
	}
	held := s.heldBack()
	if len(held) == 0 {
		return nil
	}
	klog.FromContext(ctx).Info("An open transaction holds back partitions: it is aborted if it is ours", "partitions", held)
	if err := s.producer.join(ctx, held); err != nil {
		return err
	}
	if err := s.producer.end(ctx, false); err != nil {
		return fmt.Errorf("abort a transaction: %w", err)
	}
	return nil
}

// heldBack returns the partitions whose last stable offset is below the high watermark. A
// partition that does not answer is not among them: whoever reads it or writes to it finds
// out.
func (s *session) heldBack() []partition {
	// In this order, so that what is published meanwhile holds nothing back.
	end := s.lastOffsets(sarama.ReadUncommitted)
	stable := s.lastOffsets(sarama.ReadCommitted)
	var held []partition
	for at, offset := range end {
		if last, known := stable[at]; known && last < offset {
			held = append(held, at)
		}
	}
	return held
}

// lastOffsets returns the end of each partition of both topics, as a consumer of an isolation
// level sees it. It sends one request to each broker.
func (s *session) lastOffsets(isolation sarama.IsolationLevel) map[partition]int64 {
	requests := map[*sarama.Broker]*sarama.OffsetRequest{}
	var all []partition
	for _, topic := range []string{s.opts.PodTopic, s.opts.InventoryTopic} {
		numbers, err := s.client.Partitions(topic)
		if err != nil {
			continue
		}
		for _, number := range numbers {
			leader, err := s.client.Leader(topic, number)
			if err != nil {
				continue
			}
			request, ok := requests[leader]
			if !ok {
				request = sarama.NewOffsetRequest(s.client.Config().Version)
				request.IsolationLevel = isolation
				requests[leader] = request
			}
			request.AddBlock(topic, number, sarama.OffsetNewest, 1)
			all = append(all, partition{topic, number})
		}
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
