package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

const (
	// DefaultTopic is the topic that the original used.
	DefaultTopic = "xos.kubernetes.pod-details"
	// firstPause and lastPause bound the time between two connections to a
	// Kafka that is away. Meanwhile each event fails at once.
	firstPause = time.Second
	lastPause  = 30 * time.Second
)

// Options say where events go.
type Options struct {
	// Brokers are the addresses (host:port) by which the cluster is found.
	Brokers []string
	// Topic is DefaultTopic where empty.
	Topic string
	// CreateTopic makes the topic where it does not exist, with so many
	// Partitions and Replicas; 1 each where 0. Otherwise the topic has to be
	// there: brokers are never asked to make it up.
	CreateTopic bool
	Partitions  int32
	Replicas    int16

	Settings
	TopicOptions
}

// Publisher is a Publisher that produces to a topic. It connects when there is
// something to send, and again, with growing pauses, after a failure.
type Publisher struct {
	opts Options

	mu      sync.Mutex
	current *connection
	// opening is closed when the connection under way is made or has failed.
	opening chan struct{}
	closed  bool
	// lastErr is why there is no connection, until notBefore.
	lastErr   error
	pause     time.Duration
	notBefore time.Time
}

var errClosed = errors.New("the producer was closed")

// New makes a Publisher. It sends nothing yet.
func New(opts Options) *Publisher {
	if opts.Topic == "" {
		opts.Topic = DefaultTopic
	}
	opts.Partitions = max(opts.Partitions, 1)
	opts.Replicas = max(opts.Replicas, 1)
	return &Publisher{opts: opts}
}

// Publish implements Publisher: it returns when all in-sync replicas have the
// event, or with the context. An event that was given up may still arrive.
func (k *Publisher) Publish(ctx context.Context, m event.Message) (delivery.Receipt, error) {
	s, err := k.connection(ctx)
	if err != nil {
		return delivery.Receipt{}, err
	}
	receipt, err := s.produce(ctx, k.opts.Topic, m)
	switch {
	case err == nil:
		k.worked()
		return receipt, nil
	case tooLarge(err):
		err = fmt.Errorf("%w: %w", delivery.ErrTooLarge, err)
	case errors.Is(err, context.Canceled):
		// Says nothing about the connection.
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no answer in time: %w", err)
		k.discard(s, k.explain(err))
	default:
		k.discard(s, k.explain(err))
	}
	return delivery.Receipt{}, k.explain(err)
}

// Close ends the connection. Events that were not acknowledged are given up.
func (k *Publisher) Close() {
	k.mu.Lock()
	s := k.current
	k.current, k.closed = nil, true
	k.mu.Unlock()
	if s != nil {
		s.end()
	}
}

// tooLarge says whether the message itself is to blame: the broker refused it,
// or sarama did before it was sent, which calls it a mistake of configuration.
func tooLarge(err error) bool {
	var refused sarama.ConfigurationError
	return errors.Is(err, sarama.ErrMessageSizeTooLarge) || errors.As(err, &refused)
}

// explain says where an error comes from, and what to do where that is known.
func (k *Publisher) explain(err error) error {
	where := "topic " + k.opts.Topic + " of Kafka at " + strings.Join(k.opts.Brokers, ",")
	if errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return fmt.Errorf("produce to %s: create the topic, or allow that it is created: %w", where, err)
	}
	return fmt.Errorf("produce to %s: %w", where, err)
}

// connection returns the connection, and makes it where there is none. While Kafka
// is known to be away it fails at once, so that nobody waits in vain.
func (k *Publisher) connection(ctx context.Context) (*connection, error) {
	k.mu.Lock()
	switch {
	case k.closed:
		defer k.mu.Unlock()
		return nil, errClosed
	case k.current != nil:
		defer k.mu.Unlock()
		return k.current, nil
	case k.opening == nil && time.Now().Before(k.notBefore):
		defer k.mu.Unlock()
		return nil, k.lastErr
	case k.opening == nil:
		k.opening = make(chan struct{})
		go k.open(k.opening)
	}
	opening := k.opening
	k.mu.Unlock()

	select {
	case <-opening:
	case <-ctx.Done():
		return nil, k.explain(fmt.Errorf("connect: %w", ctx.Err()))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current == nil {
		return nil, k.lastErr
	}
	return k.current, nil
}

// open makes the connection for all who wait for it.
func (k *Publisher) open(done chan struct{}) {
	s, err := connect(k.opts)
	k.mu.Lock()
	defer k.mu.Unlock()
	defer close(done)
	k.opening = nil
	switch {
	case err != nil:
		k.failed(k.explain(err))
	case k.closed:
		k.lastErr = errClosed
		go s.end()
	default:
		k.current = s
	}
}

// discard gives a connection up. What it still had to send fails with it, so
// that nothing is sent behind the back of a later try.
func (k *Publisher) discard(s *connection, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current != s {
		return
	}
	k.current = nil
	k.failed(err)
	go s.end()
}

func (k *Publisher) failed(err error) {
	k.pause = min(max(2*k.pause, firstPause), lastPause)
	k.lastErr, k.notBefore = err, time.Now().Add(k.pause)
}

func (k *Publisher) worked() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pause = 0
}
