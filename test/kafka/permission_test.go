//go:build kafka

package kafka_test

import (
	"testing"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

// TestTransactionsArePermittedOrDoneWithout takes the permissions that docs/events.md names,
// those for the transactional id last.
func TestTransactionsArePermittedOrDoneWithout(t *testing.T) {
	b := realkafka.Fresh(t, map[string]string{
		"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users":           "User:ANONYMOUS", // who administers, and the broker itself
	})
	client, err := connect(t, []string{b.Plaintext()}, kafka.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	admin, topics := adminOf(t, client), newTopics()
	topics.Partitions, topics.Replicas = 1, 1
	require.NoError(t, kafka.EnsureTopics(admin, topics))
	awaitTopics(t, admin, topics.PodTopic, topics.InventoryTopic)
	topics.CreateTopics = false
	permit(t, admin, sarama.AclResourceTopic, topics.PodTopic, sarama.AclOperationWrite, sarama.AclOperationDescribe)
	permit(t, admin, sarama.AclResourceTopic, topics.InventoryTopic, sarama.AclOperationWrite, sarama.AclOperationDescribe, sarama.AclOperationRead)

	var aboutTheID []string
	newLog := func(transactions kafka.Transactions) *kafka.Log {
		return kafka.New(kafka.Options{
			Brokers: []string{b.SASL()}, TopicOptions: topics, Transactions: transactions,
			Settings: kafka.Settings{SASL: as(t, sarama.SASLTypePlaintext, realkafka.User, realkafka.Password)},
			OnFindings: func(findings []kafka.Finding) {
				aboutTheID = nil
				for _, f := range findings {
					if f.Topic == "" {
						aboutTheID = append(aboutTheID, f.String())
					}
				}
			},
		}, func() (types.UID, error) { return "cluster", nil })
	}
	s, _ := open(t, newLog(kafka.TransactionsAuto))
	require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("without")}))
	require.Len(t, aboutTheID, 1)
	assert.Contains(t, aboutTheID[0], "transactional id xos-cluster is missing: set it to Write and Describe")
	_, err = newLog(kafka.TransactionsOn).Open(t.Context(), nil)
	require.ErrorContains(t, err, "allow Write and Describe on the transactional id xos-*")

	permit(t, admin, sarama.AclResourceTransactionalID, "xos-cluster", sarama.AclOperationWrite, sarama.AclOperationDescribe)
	s, found := open(t, newLog(kafka.TransactionsAuto))
	assert.Equal(t, map[string]bool{"without": true}, found)
	assert.Empty(t, aboutTheID)
	require.NoError(t, commitUntilAnError(t.Context(), s, []delivery.Unit{newUnit("with")}))
	assert.Equal(t, map[string]int{"without": 1, "with": 1}, committed(t, b.Plaintext(), topics.InventoryTopic))
}

// permit lets the tests' user do something with a resource.
func permit(t *testing.T, admin sarama.ClusterAdmin, kind sarama.AclResourceType, name string, operations ...sarama.AclOperation) {
	t.Helper()
	var acls []*sarama.Acl
	for _, operation := range operations {
		acls = append(acls, &sarama.Acl{Principal: "User:" + realkafka.User, Host: "*", Operation: operation, PermissionType: sarama.AclPermissionAllow})
	}
	require.NoError(t, admin.CreateACLs([]*sarama.ResourceAcls{{
		Resource: sarama.Resource{ResourceType: kind, ResourceName: name, ResourcePatternType: sarama.AclPatternLiteral}, Acls: acls,
	}}))
}
