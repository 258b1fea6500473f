package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// connection is one life of a sarama producer and its connections.
type connection struct {
	client   sarama.Client
	producer sarama.AsyncProducer

	// ended is closed when the connection is given up; mu then keeps all callers out
	// of the producer's input, which sarama closes.
	once  sync.Once
	ended chan struct{}
	mu    sync.RWMutex
}

// answer is what became of a message.
type answer struct {
	receipt delivery.Receipt
	err     error
}

var errConnectionEnded = errors.New("the connection was given up")

// connect connects. It takes some seconds where nobody answers.
func connect(opts Options) (*connection, error) {
	client, err := sarama.NewClient(opts.Brokers, saramaConfig())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	producer, err := openProducer(client, opts)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	s := &connection{client: client, producer: producer, ended: make(chan struct{})}
	go s.routeSuccesses()
	go s.routeErrors()
	return s, nil
}

func openProducer(client sarama.Client, opts Options) (sarama.AsyncProducer, error) {
	err := client.RefreshMetadata(opts.Topic)
	if opts.CreateTopic && errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		// The answer has named all the same which broker creates topics. The
		// client can't ask for that alone, as it looks at one topic only.
		if err := createTopic(client, opts); err != nil {
			return nil, err
		}
		err = client.RefreshMetadata(opts.Topic)
	}
	if err != nil {
		return nil, fmt.Errorf("find the topic: %w", err)
	}
	producer, err := sarama.NewAsyncProducerFromClient(client)
	if err != nil {
		return nil, fmt.Errorf("become an idempotent producer: %w", err)
	}
	return producer, nil
}

func createTopic(client sarama.Client, opts Options) error {
	admin, err := sarama.NewClusterAdminFromClient(client) // not closed: it would take the client with it
	if err != nil {
		return fmt.Errorf("find the controller: %w", err)
	}
	detail := &sarama.TopicDetail{NumPartitions: opts.Partitions, ReplicationFactor: opts.Replicas}
	if err := admin.CreateTopic(opts.Topic, detail, false); err != nil && !errors.Is(err, sarama.ErrTopicAlreadyExists) {
		return fmt.Errorf("create the topic: %w", err)
	}
	return nil
}

// saramaConfig is that of an idempotent producer with bounded buffers that gives
// up within seconds: what fails is still pending, and tried again from above.
func saramaConfig() *sarama.Config {
	c := sarama.NewConfig()
	c.ClientID = "xos-controller-manager"
	c.Net.DialTimeout, c.Net.ReadTimeout, c.Net.WriteTimeout = 3*time.Second, 5*time.Second, 5*time.Second
	c.Metadata.AllowAutoTopicCreation = false
	c.Metadata.Full = false // of the one topic only
	c.Metadata.Retry.Max = 1

	c.Producer.Idempotent = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Net.MaxOpenRequests = 1
	c.Producer.Retry.Max = 10 // sizes a buffer for each partition (sarama#1681)
	c.Producer.Retry.MaxBufferBytes = 32 << 20
	c.Producer.Timeout = 5 * time.Second
	c.Producer.Return.Successes = true
	// As librdkafka does, by which the original produced.
	c.Producer.Partitioner = sarama.NewConsistentCRCHashPartitioner
	return c
}

// produce sends a message and waits until it is acknowledged, has failed, or the
// context ends.
func (s *connection) produce(ctx context.Context, topic string, m event.Message) (delivery.Receipt, error) {
	answered := make(chan answer, 1)
	sent := &sarama.ProducerMessage{
		Topic: topic, Key: sarama.StringEncoder(m.Key), Value: sarama.ByteEncoder(m.Value), Metadata: answered,
	}
	for _, h := range m.Headers {
		sent.Headers = append(sent.Headers, sarama.RecordHeader{Key: []byte(h.Name), Value: []byte(h.Value)})
	}
	if err := s.enqueue(ctx, sent); err != nil {
		return delivery.Receipt{}, err
	}
	select {
	case a := <-answered:
		return a.receipt, a.err
	case <-s.ended:
		return delivery.Receipt{}, errConnectionEnded
	case <-ctx.Done():
		return delivery.Receipt{}, ctx.Err()
	}
}

func (s *connection) enqueue(ctx context.Context, sent *sarama.ProducerMessage) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	select {
	case <-s.ended: // before all else: the input may be closed
		return errConnectionEnded
	default:
	}
	select {
	case s.producer.Input() <- sent:
		return nil
	case <-s.ended:
		return errConnectionEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *connection) routeSuccesses() {
	for sent := range s.producer.Successes() {
		sent.Metadata.(chan answer) <- answer{receipt: delivery.Receipt{Topic: sent.Topic, Partition: sent.Partition, Offset: sent.Offset}}
	}
}

func (s *connection) routeErrors() {
	for failed := range s.producer.Errors() {
		failed.Msg.Metadata.(chan answer) <- answer{err: failed.Err}
	}
}

// end gives the connection up and returns when its connections are closed.
func (s *connection) end() {
	s.once.Do(func() {
		close(s.ended)
		s.mu.Lock()
		defer s.mu.Unlock()
		// The connections go first: what is under way fails, and is not sent later.
		_ = s.client.Close() // fails only where it is closed already
		s.producer.AsyncClose()
	})
}
