package kafka

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/IBM/sarama"
)

// DefaultInventoryTopic is the compacted topic of all that is in the inventory.
const DefaultInventoryTopic = "xos.inventory.v1"

// tombstoneRetention is how long a consumer may be away and still learn from a created
// inventory topic that something ended.
const tombstoneRetention = 24 * time.Hour

// TopicOptions say which topics there are, and what those are like that are created.
type TopicOptions struct {
	// PodTopic is DefaultTopic where empty, InventoryTopic is DefaultInventoryTopic.
	PodTopic, InventoryTopic string
	// VitrageTopic is where nodes are published for Vitrage; they are not where empty.
	VitrageTopic string
	// CreateTopics allows that a topic that is missing is created.
	CreateTopics bool
	// Partitions and Replicas are those of a topic that is created; where 0, the
	// brokers' default counts (num.partitions, default.replication.factor).
	Partitions int32
	Replicas   int16
}

func (o TopicOptions) withDefaults() TopicOptions {
	o.PodTopic = cmp.Or(o.PodTopic, DefaultTopic)
	o.InventoryTopic = cmp.Or(o.InventoryTopic, DefaultInventoryTopic)
	return o
}

// names are those of all topics.
func (o TopicOptions) names() []string {
	names := []string{o.PodTopic, o.InventoryTopic}
	if o.VitrageTopic != "" {
		names = append(names, o.VitrageTopic)
	}
	return names
}

// EnsureTopics creates the topics that are missing, where that is allowed. It changes
// nothing of a topic that exists. What failed is returned for both topics together. A
// broker may take a moment to know a topic that was created.
func EnsureTopics(admin sarama.ClusterAdmin, o TopicOptions) error {
	if !o.CreateTopics {
		return nil
	}
	o = o.withDefaults()
	// To ask first needs fewer rights, and most of the time suffices.
	existing, err := describeTopics(admin, o.names()...)
	if err != nil {
		return err
	}
	var errs []error
	for _, topic := range o.names() {
		config := map[string]string{cleanupPolicy: policyDelete}
		if topic == o.InventoryTopic {
			config = map[string]string{cleanupPolicy: policyCompact, deleteRetention: strconv.FormatInt(tombstoneRetention.Milliseconds(), 10)}
		}
		if _, exists := existing[topic]; !exists {
			errs = append(errs, createMissingTopic(admin, topic, o, config))
		}
	}
	return errors.Join(errs...)
}

func createMissingTopic(admin sarama.ClusterAdmin, topic string, o TopicOptions, config map[string]string) error {
	detail := &sarama.TopicDetail{NumPartitions: o.Partitions, ReplicationFactor: o.Replicas, ConfigEntries: map[string]*string{}}
	if detail.NumPartitions == 0 {
		detail.NumPartitions = -1
	}
	if detail.ReplicationFactor == 0 {
		detail.ReplicationFactor = -1
	}
	for name, value := range config {
		detail.ConfigEntries[name] = &value
	}
	err := admin.CreateTopic(topic, detail, false)
	switch {
	case err == nil, errors.Is(err, sarama.ErrTopicAlreadyExists): // another client was quicker
		return nil
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed), errors.Is(err, sarama.ErrClusterAuthorizationFailed):
		return fmt.Errorf("create topic %s with %s=%s: permit our user the operation Create on it, or create it and leave out %s: %w",
			topic, cleanupPolicy, config[cleanupPolicy], flagCreateTopics, err)
	case errors.Is(err, sarama.ErrInvalidReplicationFactor):
		return fmt.Errorf("create topic %s: set %s to at most the number of brokers: %w", topic, flagReplicas, err)
	case errors.Is(err, sarama.ErrInvalidPartitions):
		return fmt.Errorf("create topic %s: set another number of %s: %w", topic, flagPartitions, err)
	default:
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
}

// CheckTopics returns which settings of the topics that exist should be changed. Where a
// topic's settings can't be read, it returns the error beside what it found of the other.
func CheckTopics(admin sarama.ClusterAdmin, o TopicOptions) ([]Finding, error) {
	o = o.withDefaults()
	topics, err := describeTopics(admin, o.names()...)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	var errs []error
	for _, name := range o.names() {
		t, exists := topics[name]
		if !exists {
			continue
		}
		t.config, err = readConfig(admin, t.name)
		errs = append(errs, err)
		if name == o.InventoryTopic {
			findings = append(findings, inventoryFindings(t)...)
		} else {
			findings = append(findings, podFindings(t)...)
		}
	}
	return findings, errors.Join(errs...)
}

// describeTopics returns those topics that exist, without their settings.
func describeTopics(admin sarama.ClusterAdmin, names ...string) (map[string]topicState, error) {
	described, err := admin.DescribeTopics(names)
	if err != nil {
		return nil, fmt.Errorf("find the topics: %w", err)
	}
	brokers, _, err := admin.DescribeCluster()
	if err != nil {
		return nil, fmt.Errorf("count the brokers: %w", err)
	}
	topics := map[string]topicState{}
	var errs []error
	for _, t := range described {
		switch {
		case errors.Is(t.Err, sarama.ErrUnknownTopicOrPartition):
		case errors.Is(t.Err, sarama.ErrTopicAuthorizationFailed):
			errs = append(errs, fmt.Errorf("find topic %s: permit our user the operation Describe on it: %w", t.Name, t.Err))
		case len(t.Partitions) == 0:
			errs = append(errs, fmt.Errorf("find topic %s: %w", t.Name, t.Err))
		default: // a partition without a leader is no reason not to look
			topics[t.Name] = topicState{name: t.Name, replicas: fewestReplicas(t.Partitions), brokers: len(brokers)}
		}
	}
	return topics, errors.Join(errs...)
}

func fewestReplicas(partitions []*sarama.PartitionMetadata) int {
	fewest := len(partitions[0].Replicas)
	for _, p := range partitions {
		fewest = min(fewest, len(p.Replicas))
	}
	return fewest
}

func readConfig(admin sarama.ClusterAdmin, topic string) (map[string]string, error) {
	results, err := admin.DescribeConfigs([]*sarama.ConfigResource{{Type: sarama.TopicResource, Name: topic, ConfigNames: checkedSettings()}},
		sarama.DescribeConfigsOptions{})
	config := map[string]string{}
	for _, result := range results {
		if result.ErrorCode != sarama.ErrNoError {
			err = errors.Join(err, result.ErrorCode)
		}
		for _, entry := range result.Configs {
			config[entry.Name] = entry.Value
		}
	}
	switch {
	case errors.Is(err, sarama.ErrTopicAuthorizationFailed):
		return nil, fmt.Errorf("read the settings of topic %s: permit our user the operation DescribeConfigs on it: %w", topic, err)
	case err != nil:
		return nil, fmt.Errorf("read the settings of topic %s: %w", topic, err)
	}
	return config, nil
}
