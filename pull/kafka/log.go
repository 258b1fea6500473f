package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/pull/delivery"
)

// DefaultTopic is the topic of details, as the original named it.
const DefaultTopic = "xos.kubernetes.pod-details"

// leadersTimeout is for how long a session waits for the leaders of topics that it created,
// and leadersPeriod how often it asks for them.
const (
	leadersTimeout = 5 * time.Second
	leadersPeriod  = 50 * time.Millisecond
)

// Options are the destination of events.
type Options struct {
	// Brokers are the addresses (host:port) by which the cluster is found.
	Brokers []string
	// Settings are TLS and SASL, and TopicOptions the topics.
	Settings
	TopicOptions
	// Transactions is TransactionsAuto where empty.
	Transactions Transactions
	// OnFindings is called with what should be changed in the topics, each time that a
	// session opens; not at all where nil.
	OnFindings func([]Finding)
}

// Log implements delivery.Log.
type Log struct {
	opts Options
	// cluster returns the UID that identifies the Kubernetes cluster.
	cluster func() (types.UID, error)
	// undecided is undecidedTimeout but in tests.
	undecided time.Duration
	// untransacted reports, once, that there are no transactions.
	untransacted sync.Once
}

var _ delivery.Log = (*Log)(nil)

// New returns a Log of the events of a Kubernetes cluster. It sends nothing yet.
func New(opts Options, cluster func() (types.UID, error)) *Log {
	opts.TopicOptions = opts.withDefaults()
	return &Log{opts: opts, cluster: cluster, undecided: undecidedTimeout}
}

// Open implements delivery.Log. It takes some seconds where nobody answers.
func (l *Log) Open(ctx context.Context, told func(key string, value []byte)) (delivery.Session, error) {
	cluster, err := l.cluster()
	if err != nil {
		return nil, err
	}
	s, err := within(ctx, func() (*session, error) {
		s, err := l.connect(ctx, cluster)
		if err != nil {
			return nil, l.opts.explain(err)
		}
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.read(ctx, l.opts.InventoryTopic, told); err != nil {
		s.Close()
		return nil, l.opts.explain(fmt.Errorf("read what was published: %w", err))
	}
	return s, nil
}

// connect becomes the producer of the cluster's events, which fences its predecessors.
func (l *Log) connect(ctx context.Context, cluster types.UID) (*session, error) {
	credentials, err := l.opts.Fingerprint()
	if err != nil {
		return nil, err
	}
	config := newConfig()
	if err := l.opts.Apply(config); err != nil {
		return nil, err
	}
	client, err := sarama.NewClient(l.opts.Brokers, config)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{
		opts: l.opts, client: client, producer: newProducer(client, l.opts.transactionalID(cluster)), partitioners: newPartitioners(l.opts),
		credentials: credentials, checkAt: time.Now().Add(credentialsPeriod),
		down: map[partition]time.Time{}, unread: map[partition]bool{}, undecided: l.undecided,
	}
	findings, err := l.prepareTopics(ctx, client)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	missing, err := l.openProducer(ctx, s)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	if l.opts.OnFindings != nil {
		l.opts.OnFindings(append(findings, missing...))
	}
	return s, nil
}

// prepareTopics creates the topics where that is asked for, learns their partitions, and
// returns what should be changed in them.
func (l *Log) prepareTopics(ctx context.Context, client sarama.Client) ([]Finding, error) {
	missing := l.findTopics(client) // which finds the brokers too
	if missing != nil && (!l.opts.CreateTopics || !errors.Is(missing, sarama.ErrUnknownTopicOrPartition)) {
		return nil, missing
	}
	admin, err := sarama.NewClusterAdminFromClient(client) // not closed: it would take the client with it
	if err != nil {
		return nil, fmt.Errorf("find the controller: %w", err)
	}
	if missing != nil {
		if err := EnsureTopics(admin, l.opts.TopicOptions); err != nil {
			return nil, err
		}
		if err := l.findTopics(client); err != nil {
			return nil, err
		}
		l.awaitLeaders(ctx, client)
	}
	findings, err := CheckTopics(admin, l.opts.TopicOptions)
	if err != nil { // it takes a right of its own, which is not needed to publish
		klog.Background().Info("The settings of the topics can't be checked", "reason", err.Error())
	}
	for _, f := range findings {
		klog.Background().Info("A setting of a topic should be changed", "topic", f.Topic, "setting", f.Setting, "finding", f.String())
	}
	return findings, nil
}

// awaitLeaders waits until each partition of topics that were just created can be read, as a
// session that leaves out some of them ends as soon as they can be. Where that takes longer
// than leadersTimeout, the session begins without them.
func (l *Log) awaitLeaders(ctx context.Context, client sarama.Client) {
	_ = wait.PollUntilContextTimeout(ctx, leadersPeriod, leadersTimeout, true, func(context.Context) (bool, error) {
		return l.haveLeaders(client), nil
	})
}

func (l *Log) haveLeaders(client sarama.Client) bool {
	for _, topic := range l.opts.names() {
		partitions, err := client.Partitions(topic)
		if err != nil {
			return false
		}
		for _, p := range partitions {
			if _, err := client.GetOffset(topic, p, sarama.OffsetNewest); err != nil {
				return false
			}
		}
	}
	return true
}

// findTopics learns the partitions of the topics, and returns the errors of those that it
// does not find.
func (l *Log) findTopics(client sarama.Client) error {
	var errs []error
	for _, topic := range l.opts.names() {
		if err := client.RefreshMetadata(topic); err != nil && !errors.Is(err, sarama.ErrLeaderNotAvailable) {
			errs = append(errs, fmt.Errorf("find the topic %s: %w", topic, err))
		}
	}
	return errors.Join(errs...)
}
