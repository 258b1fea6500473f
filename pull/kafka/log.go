package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/delivery"
)

const (
	// DefaultTopic is the topic of details, as the original named it.
	DefaultTopic = "xos.kubernetes.pod-details"
	// DefaultInventoryTopic is the topic of the inventory.
	DefaultInventoryTopic = "xos.inventory.v1"
)

// Options are the destination of events.
type Options struct {
	// Brokers are the addresses (host:port) by which the cluster is found.
	Brokers []string
	// Topic is the topic of details; DefaultTopic where empty.
	Topic string
	// InventoryTopic is the topic of the inventory; DefaultInventoryTopic where empty. It
	// has to be compacted.
	InventoryTopic string
	// CreateTopic creates the topics where they do not exist, with so many Partitions and
	// Replicas; 1 each where 0. Otherwise they have to exist: brokers are never asked to
	// create a topic on their own.
	CreateTopic bool
	Partitions  int32
	Replicas    int16
}

// Log implements delivery.Log.
type Log struct {
	opts Options
	// cluster returns the UID that identifies the Kubernetes cluster.
	cluster func() (types.UID, error)
}

var _ delivery.Log = (*Log)(nil)

// New returns a Log of the events of a Kubernetes cluster. It sends nothing yet.
func New(opts Options, cluster func() (types.UID, error)) *Log {
	if opts.Topic == "" {
		opts.Topic = DefaultTopic
	}
	if opts.InventoryTopic == "" {
		opts.InventoryTopic = DefaultInventoryTopic
	}
	opts.Partitions = max(opts.Partitions, 1)
	opts.Replicas = max(opts.Replicas, 1)
	return &Log{opts: opts, cluster: cluster}
}

// opening is the result of connecting.
type opening struct {
	session *session
	err     error
}

// Open implements delivery.Log. It takes some seconds where nobody answers.
func (l *Log) Open(ctx context.Context, told func(key string, value []byte)) (delivery.Session, error) {
	cluster, err := l.cluster()
	if err != nil {
		return nil, err
	}
	opened := make(chan opening, 1)
	go func() { // sarama does not know contexts
		s, err := l.connect(ctx, cluster)
		opened <- opening{s, err}
	}()
	select {
	case o := <-opened:
		if o.err != nil {
			return nil, l.explain(o.err)
		}
		if err := o.session.read(ctx, l.opts.InventoryTopic, told); err != nil {
			o.session.Close()
			return nil, l.explain(fmt.Errorf("read what was published: %w", err))
		}
		return o.session, nil
	case <-ctx.Done():
		go func() {
			if o := <-opened; o.err == nil {
				o.session.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// connect becomes the producer of the cluster's events, which fences its predecessors.
func (l *Log) connect(ctx context.Context, cluster types.UID) (*session, error) {
	client, err := sarama.NewClient(l.opts.Brokers, newConfig())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{
		opts: l.opts, client: client, producer: newProducer(client, "xos-"+string(cluster)),
		partitioners: newPartitioners(l.opts), down: map[partition]time.Time{}, unread: map[partition]bool{},
	}
	for _, topic := range []string{l.opts.Topic, l.opts.InventoryTopic} {
		if err := findTopic(client, l.opts, topic); err != nil {
			return nil, errors.Join(fmt.Errorf("find the topic %s: %w", topic, err), client.Close())
		}
	}
	if err := s.producer.init(ctx); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return s, nil
}

// findTopic learns the partitions of a topic, and creates it where that is asked for.
func findTopic(client sarama.Client, opts Options, topic string) error {
	err := client.RefreshMetadata(topic)
	if !opts.CreateTopic || !errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return err
	}
	// The answer has named all the same which broker creates topics.
	admin, err := sarama.NewClusterAdminFromClient(client) // not closed: it would take the client with it
	if err != nil {
		return fmt.Errorf("find the controller: %w", err)
	}
	detail := &sarama.TopicDetail{NumPartitions: opts.Partitions, ReplicationFactor: opts.Replicas}
	if topic == opts.InventoryTopic {
		compact := "compact"
		detail.ConfigEntries = map[string]*string{"cleanup.policy": &compact}
	}
	if err := admin.CreateTopic(topic, detail, false); err != nil && !errors.Is(err, sarama.ErrTopicAlreadyExists) {
		return fmt.Errorf("create it: %w", err)
	}
	return client.RefreshMetadata(topic)
}

// explain adds to an error where it comes from, and what to do where that is known.
func (l *Log) explain(err error) error {
	where := fmt.Sprintf("topics %s and %s of Kafka at %s", l.opts.Topic, l.opts.InventoryTopic, strings.Join(l.opts.Brokers, ","))
	switch {
	case errors.Is(err, sarama.ErrUnknownTopicOrPartition):
		return fmt.Errorf("publish to %s: create the topics, or allow that they are created: %w", where, err)
	case errors.Is(err, sarama.ErrTransactionalIDAuthorizationFailed):
		return fmt.Errorf("publish to %s: allow Write and Describe on the transactional id xos-*: %w", where, err)
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed):
		return fmt.Errorf("publish to %s: allow Write and Describe on both topics, and Read on the second: %w", where, err)
	}
	return fmt.Errorf("publish to %s: %w", where, err)
}
