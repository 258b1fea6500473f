//go:build kafka

package kafka_test

import (
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

func TestCreatedTopicsHaveTheRightSettings(t *testing.T) {
	admin := newAdmin(t)
	topics := newTopics()
	topics.Partitions, topics.Replicas = 3, 1
	require.NoError(t, kafka.EnsureTopics(admin, topics))
	awaitTopics(t, admin, topics.PodTopic, topics.InventoryTopic)
	require.NoError(t, kafka.EnsureTopics(admin, topics), "what exists is left alone")

	assert.Equal(t, "delete", setting(t, admin, topics.PodTopic, "cleanup.policy"))
	assert.Equal(t, "compact", setting(t, admin, topics.InventoryTopic, "cleanup.policy"))
	assert.Equal(t, "86400000", setting(t, admin, topics.InventoryTopic, "delete.retention.ms"))
	described, err := admin.DescribeTopics([]string{topics.PodTopic, topics.InventoryTopic})
	require.NoError(t, err)
	for _, topic := range described {
		assert.Len(t, topic.Partitions, 3, topic.Name)
	}
	findings, err := kafka.CheckTopics(admin, topics)
	require.NoError(t, err)
	assert.Empty(t, findings)
}

func TestBrokersDefaultCountsAreTaken(t *testing.T) {
	admin := newAdmin(t)
	topics := newTopics()
	require.NoError(t, kafka.EnsureTopics(admin, topics))
	awaitTopics(t, admin, topics.InventoryTopic)
	described, err := admin.DescribeTopics([]string{topics.InventoryTopic})
	require.NoError(t, err)
	assert.NotEmpty(t, described[0].Partitions)
}

func TestAReplicationThatCannotBeNamesItsFlag(t *testing.T) {
	topics := newTopics()
	topics.Replicas = 99
	assert.ErrorContains(t, kafka.EnsureTopics(newAdmin(t), topics), "set --kafka-replicas")
}

func TestAnInventoryThatIsNotCompactedIsFound(t *testing.T) {
	admin := newAdmin(t)
	topics := newTopics()
	policy, retention, compact := "delete", "3600000", "compact"
	createTopic(t, admin, topics.InventoryTopic, map[string]*string{"cleanup.policy": &policy, "retention.ms": &retention})
	createTopic(t, admin, topics.PodTopic, map[string]*string{"cleanup.policy": &compact})

	findings, err := kafka.CheckTopics(admin, topics)
	require.NoError(t, err)
	var texts []string
	for _, f := range findings {
		texts = append(texts, f.String())
	}
	assert.Equal(t, []string{
		"topic " + topics.PodTopic + ": cleanup.policy is compact: set it to delete: compaction keeps only the last event of each pod name, so that a consumer that was away misses pods",
		"topic " + topics.InventoryTopic + ": cleanup.policy is delete: set it to compact: without compaction what lives is forgotten after retention.ms=3600000, and announced again",
	}, texts)
}

func TestWhatWasAcknowledgedOutlivesAKillAndAStop(t *testing.T) {
	b := realkafka.Fresh(t, nil)
	topics := newTopics()
	client, err := connect(t, []string{b.Plaintext()}, kafka.Settings{})
	require.NoError(t, err)
	require.NoError(t, kafka.EnsureTopics(adminOf(t, client), topics))
	for i, fault := range []func(testing.TB){b.Kill, b.Stop} {
		client, err := connect(t, []string{b.Plaintext()}, kafka.Settings{})
		require.NoError(t, err)
		require.Eventually(t, func() bool { return client.RefreshMetadata(topics.PodTopic) == nil }, enough, 50*time.Millisecond)
		producer, err := sarama.NewSyncProducerFromClient(client)
		require.NoError(t, err)
		_, offset, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topics.PodTopic, Value: sarama.StringEncoder("value")})
		require.NoError(t, err)
		assert.EqualValues(t, i, offset)
		fault(t)
		_, err = connect(t, []string{b.Plaintext()}, kafka.Settings{})
		require.Error(t, err)
		b.Start(t)
		require.NoError(t, producer.Close())
		require.NoError(t, client.Close())
	}
	require.NoError(t, client.Close())
}

// newTopics are topics of a test's own.
func newTopics() kafka.TopicOptions {
	id := uuid.NewString()
	return kafka.TopicOptions{PodTopic: "pods." + id, InventoryTopic: "inventory." + id, CreateTopics: true}
}

func newAdmin(t *testing.T) sarama.ClusterAdmin {
	t.Helper()
	client, err := connect(t, realkafka.Plaintext(t), kafka.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return adminOf(t, client)
}

// adminOf is not closed: that would take the client along.
func adminOf(t *testing.T, client sarama.Client) sarama.ClusterAdmin {
	t.Helper()
	admin, err := sarama.NewClusterAdminFromClient(client)
	require.NoError(t, err)
	return admin
}

func createTopic(t *testing.T, admin sarama.ClusterAdmin, topic string, config map[string]*string) {
	t.Helper()
	require.NoError(t, admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1, ConfigEntries: config}, false))
	awaitTopics(t, admin, topic)
}

// awaitTopics waits until the broker knows topics that the controller has created.
func awaitTopics(t *testing.T, admin sarama.ClusterAdmin, topics ...string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		described, err := admin.DescribeTopics(topics)
		require.NoError(c, err)
		for _, topic := range described {
			require.Equal(c, sarama.ErrNoError, topic.Err, topic.Name)
		}
	}, enough, 50*time.Millisecond)
}

func setting(t *testing.T, admin sarama.ClusterAdmin, topic, name string) string {
	t.Helper()
	results, err := admin.DescribeConfigs([]*sarama.ConfigResource{{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{name}}}, sarama.DescribeConfigsOptions{})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.Len(t, results[0].Configs, 1)
	return results[0].Configs[0].Value
}
