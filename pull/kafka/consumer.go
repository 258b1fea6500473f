package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/event"
)

const (
	// outage is how long a consumer that follows a topic tries to reach its brokers.
	outage = time.Minute
	// retryPause is the time between two attempts.
	retryPause = time.Second
	// metadataPeriod is how often a consumer asks for the partitions of its topic.
	metadataPeriod = time.Minute
)

// ConsumerOptions say how to connect.
type ConsumerOptions struct {
	// Brokers are the addresses (host:port) by which the cluster is found.
	Brokers []string
	Settings
	// ClientID is how brokers name the consumer in their logs.
	ClientID string
}

// Consumer reads the committed messages of one topic. It belongs to no group and commits no
// offsets. It is not safe for concurrent use.
type Consumer struct {
	opts    ConsumerOptions
	client  sarama.Client
	topic   string
	readers []*reader
}

// NewConsumer returns a consumer that begins with the first message of a time or later; with
// the first of all where that is zero.
func NewConsumer(ctx context.Context, opts ConsumerOptions, topic string, since time.Time) (*Consumer, error) {
	return within(ctx, func() (*Consumer, error) { return openConsumer(opts, topic, since) })
}

func openConsumer(opts ConsumerOptions, topic string, since time.Time) (*Consumer, error) {
	c := &Consumer{opts: opts, topic: topic}
	config := newConfig()
	config.ClientID, config.Metadata.RefreshFrequency = opts.ClientID, metadataPeriod
	if err := opts.Apply(config); err != nil {
		return nil, err
	}
	var err error
	if c.client, err = sarama.NewClient(opts.Brokers, config); err != nil {
		return nil, c.explain(fmt.Errorf("connect: %w", err))
	}
	if err := c.seek(since); err != nil {
		return nil, c.explain(errors.Join(err, c.client.Close()))
	}
	return c, nil
}

// seek finds the partitions, and where to begin in each.
func (c *Consumer) seek(since time.Time) error {
	numbers, err := c.client.Partitions(c.topic)
	if err != nil {
		return fmt.Errorf("list the partitions: %w", err)
	}
	at := sarama.OffsetOldest
	if !since.IsZero() {
		at = since.UnixMilli()
	}
	for _, number := range numbers {
		r := newReader(c.client, partition{c.topic, number}, undecidedTimeout)
		if err := r.seek(at); err != nil {
			return fmt.Errorf("partition %d: %w", number, err)
		}
		c.readers = append(c.readers, r)
	}
	return nil
}

// grow adds the partitions that the topic has got since. All that is in them is new.
func (c *Consumer) grow() error {
	numbers, err := c.client.Partitions(c.topic) // as of the last time that it was asked for
	if err != nil {
		return fmt.Errorf("list the partitions: %w", err)
	}
	for _, number := range numbers[min(len(c.readers), len(numbers)):] { // they are numbered from 0, and never fewer
		r := newReader(c.client, partition{c.topic, number}, undecidedTimeout)
		if err := r.seek(sarama.OffsetOldest); err != nil {
			return fmt.Errorf("partition %d: %w", number, err)
		}
		c.readers = append(c.readers, r)
	}
	return nil
}

// Partitions returns how many partitions the topic has.
func (c *Consumer) Partitions() int32 { return int32(len(c.readers)) }

// ReadToEnd visits the messages up to the end of the topic as it is when the call begins. The
// next call goes on after them. Messages of a partition are in order.
func (c *Consumer) ReadToEnd(ctx context.Context, visit func(event.Received) error) error {
	ends := make([]int64, len(c.readers))
	for i, r := range c.readers {
		var err error
		if ends[i], err = r.end(); err != nil {
			return c.explain(fmt.Errorf("partition %d: %w", r.partition.number, err))
		}
	}
	v := visitor{visit: visit}
	for i, r := range c.readers {
		if err := r.readTo(ctx, ends[i], v.call); err != nil {
			return c.failed(ctx, &v, fmt.Errorf("partition %d: %w", r.partition.number, err))
		}
	}
	return nil
}

// Follow visits the messages that are there and those that come, until the context ends or
// the visitor returns an error. It outlasts a change of leaders, and a broker's restart, and within a
// minute notices partitions that are added.
func (c *Consumer) Follow(ctx context.Context, visit func(event.Received) error) error {
	v := visitor{visit: visit}
	reached := time.Now()
	for ctx.Err() == nil {
		err := c.poll(v.call)
		if err == nil {
			reached = time.Now()
			continue
		}
		if v.err != nil || errors.Is(err, sarama.ErrOffsetOutOfRange) || time.Since(reached) > outage {
			return c.failed(ctx, &v, err)
		}
		_ = c.client.RefreshMetadata(c.topic) // the next look for a leader reports it
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// poll asks each broker once for what its partitions hold.
func (c *Consumer) poll(visit func(event.Received) error) error {
	if err := c.grow(); err != nil {
		return err
	}
	led := map[*sarama.Broker][]*reader{}
	for _, r := range c.readers {
		leader, err := c.client.Leader(c.topic, r.partition.number)
		if err != nil {
			return fmt.Errorf("partition %d: find the leader: %w", r.partition.number, err)
		}
		led[leader] = append(led[leader], r)
	}
	for leader, readers := range led {
		response, err := fetch(leader, readers)
		if err != nil {
			_ = leader.Close() // so that it is connected to anew; it fails where it is closed already
			return err
		}
		for _, r := range readers {
			block, err := r.blockOf(response)
			if err == nil {
				err = r.consume(block, visit)
			}
			if err != nil {
				return fmt.Errorf("partition %d: %w", r.partition.number, err)
			}
		}
	}
	// Brokers fill an answer in the order of the request: none is to be the last each time.
	first := c.readers[0]
	c.readers = append(slices.Delete(c.readers, 0, 1), first)
	return nil
}

// visitor keeps the error of a visit, which is no error of Kafka's.
type visitor struct {
	visit func(event.Received) error
	err   error
}

func (v *visitor) call(m event.Received) error {
	v.err = v.visit(m)
	return v.err
}

// failed returns the error with which reading ends.
func (c *Consumer) failed(ctx context.Context, v *visitor, err error) error {
	switch {
	case v.err != nil:
		return v.err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return c.explain(err)
}

// explain adds to an error where it comes from, and what to do where that is known.
func (c *Consumer) explain(err error) error {
	err = c.opts.Explain(err)
	var network *net.OpError
	where := fmt.Sprintf("read topic %s of Kafka at %s", c.topic, strings.Join(c.opts.Brokers, ","))
	switch {
	case errors.Is(err, sarama.ErrUnknownTopicOrPartition):
		return fmt.Errorf("%s: there is no such topic: name the one that the manager publishes to: %w", where, err)
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed):
		return fmt.Errorf("%s: allow our user Read and Describe on it: %w", where, err)
	case errors.Is(err, sarama.ErrOffsetOutOfRange):
		return fmt.Errorf("%s: what was to be read next is deleted by age or size: begin anew: %w", where, err)
	case errors.As(err, &network) && network.Op == "dial":
		return fmt.Errorf("%s: see that the brokers are up, and that %s and their advertised.listeners name them: %w", where, flagBrokers, err)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// Close ends the connections.
func (c *Consumer) Close() { _ = c.client.Close() } // fails only where it is closed already
