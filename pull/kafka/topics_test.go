package kafka

import (
	"testing"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func newAdmin(t *testing.T, c *kfake.Cluster) sarama.ClusterAdmin {
	t.Helper()
	admin, err := sarama.NewClusterAdmin(c.ListenAddrs(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}

func TestMissingTopicsAreCreatedWhereThatIsAllowed(t *testing.T) {
	c := newBroker(t, kfake.DefaultNumPartitions(5))
	admin := newAdmin(t, c)
	require.NoError(t, EnsureTopics(admin, TopicOptions{}))
	assert.Nil(t, c.TopicInfo(DefaultTopic))

	require.NoError(t, EnsureTopics(admin, TopicOptions{CreateTopics: true}))
	for topic, policy := range map[string]string{DefaultTopic: policyDelete, DefaultInventoryTopic: policyCompact} {
		require.NotNil(t, c.TopicInfo(topic), topic)
		assert.Len(t, c.PartitionInfos(topic), 5, "the broker's default count")
		config, err := readConfig(admin, topic)
		require.NoError(t, err)
		assert.Equal(t, policy, config[cleanupPolicy])
	}
	config, err := readConfig(admin, DefaultInventoryTopic)
	require.NoError(t, err)
	assert.Equal(t, "86400000", config[deleteRetention])
	findings, err := CheckTopics(admin, TopicOptions{})
	require.NoError(t, err)
	assert.Empty(t, findings)
}

func TestATopicThatExistsIsLeftAsItIs(t *testing.T) {
	c := newBroker(t, kfake.SeedTopics(2, DefaultInventoryTopic))
	admin := newAdmin(t, c)
	require.NoError(t, EnsureTopics(admin, TopicOptions{CreateTopics: true, PodTopic: "pods", Partitions: 3, Replicas: 1}))
	assert.Len(t, c.PartitionInfos("pods"), 3)
	assert.Len(t, c.PartitionInfos(DefaultInventoryTopic), 2)
	findings, err := CheckTopics(admin, TopicOptions{PodTopic: "pods"})
	require.NoError(t, err)
	require.Len(t, findings, 1)
	assert.Equal(t, cleanupPolicy, findings[0].Setting)
}

// refuseToCreate has the broker refuse to create a topic.
func refuseToCreate(c *kfake.Cluster, topic string) {
	c.ControlKey(int16(kmsg.CreateTopics), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if r.(*kmsg.CreateTopicsRequest).Topics[0].Topic != topic {
			return nil, nil, false
		}
		resp := r.ResponseKind().(*kmsg.CreateTopicsResponse)
		refused := kmsg.NewCreateTopicsResponseTopic()
		refused.Topic, refused.ErrorCode = topic, kerr.TopicAuthorizationFailed.Code
		resp.Topics = append(resp.Topics, refused)
		return resp, nil, true
	})
}

func TestWithoutTheRightToCreateTheWayOutIsNamed(t *testing.T) {
	c := newBroker(t)
	refuseToCreate(c, DefaultInventoryTopic)
	err := EnsureTopics(newAdmin(t, c), TopicOptions{CreateTopics: true})
	assert.ErrorContains(t, err, "create topic xos.inventory.v1 with cleanup.policy=compact: permit our user the operation Create on it, or create it and leave out --kafka-create-topics")
	assert.NotNil(t, c.TopicInfo(DefaultTopic), "the other topic is created all the same")
}

func TestMoreReplicasThanBrokersNameTheFlag(t *testing.T) {
	err := EnsureTopics(newAdmin(t, newBroker(t)), TopicOptions{CreateTopics: true, Replicas: 2})
	assert.ErrorContains(t, err, "set --kafka-replicas to at most the number of brokers")
}

func TestSettingsThatCannotBeReadAreNamed(t *testing.T) {
	c := newBroker(t, kfake.SeedTopics(1, DefaultInventoryTopic))
	admin := newAdmin(t, c)
	c.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
		refused := kmsg.NewDescribeConfigsResponseResource()
		refused.ResourceType, refused.ResourceName = kmsg.ConfigResourceTypeTopic, DefaultInventoryTopic
		refused.ErrorCode = kerr.TopicAuthorizationFailed.Code
		resp.Resources = append(resp.Resources, refused)
		return resp, nil, true
	})
	findings, err := CheckTopics(admin, TopicOptions{})
	assert.ErrorContains(t, err, "topic xos.inventory.v1: permit our user the operation DescribeConfigs")
	assert.Empty(t, findings)
}

func TestMissingTopicsHaveNoFindings(t *testing.T) {
	findings, err := CheckTopics(newAdmin(t, newBroker(t)), TopicOptions{})
	require.NoError(t, err)
	assert.Empty(t, findings)
}

func TestTopicOptionsThatCannotBeAreNamed(t *testing.T) {
	assert.NoError(t, TopicOptions{}.Validate())
	err := TopicOptions{PodTopic: "a b", InventoryTopic: "a b", Partitions: -1, Replicas: -2}.Validate()
	for _, want := range []string{`--kafka-topic: "a b" is no name`, "--kafka-inventory-topic: ", "they must differ", "--kafka-partitions is -1", "--kafka-replicas is -2"} {
		assert.ErrorContains(t, err, want)
	}
}
