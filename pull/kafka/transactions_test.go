package kafka

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"xos.opencord.org/kubernetes-service/pull/delivery"
)

// newRestrictedBroker lets a user do what the manager needs with the topics, and nothing
// with transactional ids.
func newRestrictedBroker(t *testing.T) (*kfake.Cluster, Options) {
	t.Helper()
	var permitted []kfake.ACL
	for topic, operations := range map[string][]kmsg.ACLOperation{
		DefaultTopic:          {kmsg.ACLOperationWrite, kmsg.ACLOperationDescribe},
		DefaultInventoryTopic: {kmsg.ACLOperationWrite, kmsg.ACLOperationDescribe, kmsg.ACLOperationRead},
	} {
		for _, operation := range operations {
			permitted = append(permitted, kfake.ACL{
				Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: operation, Allow: true,
			})
		}
	}
	c := newBroker(t, bothTopics(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.User(sarama.SASLTypePlaintext, "xos", "secret", permitted...))
	dir := t.TempDir()
	sasl := SASL{Mechanism: sarama.SASLTypePlaintext, UsernameFile: filepath.Join(dir, "username"), PasswordFile: filepath.Join(dir, "password")}
	require.NoError(t, os.WriteFile(sasl.UsernameFile, []byte("xos"), 0o600))
	require.NoError(t, os.WriteFile(sasl.PasswordFile, []byte("secret"), 0o600))
	return c, Options{Brokers: c.ListenAddrs(), Settings: Settings{SASL: sasl}}
}

func TestWithoutThePermissionEventsGoWithoutTransactions(t *testing.T) {
	_, opts := newRestrictedBroker(t)
	var findings []Finding
	opts.OnFindings = func(found []Finding) { findings = found }
	l := newLog(opts)
	s, _ := open(t, l)
	commit(t, s, unit("web"))
	require.Contains(t, findings, noTransactions("xos-cluster"))
	assert.Equal(t, "the permission for the transactional id xos-cluster is missing: set it to Write and Describe: "+
		"without it an event may be published twice; --kafka-transactions=off accepts that", noTransactions("xos-cluster").String())

	_, found := open(t, l)
	assert.Equal(t, told{"cluster/web": "web"}, found)
}

func TestWithTransactionsOnThePermissionIsNeeded(t *testing.T) {
	_, opts := newRestrictedBroker(t)
	opts.Transactions = TransactionsOn
	_, err := newLog(opts).Open(t.Context(), nil)
	require.ErrorIs(t, err, sarama.ErrTransactionalIDAuthorizationFailed)
	assert.ErrorContains(t, err, "allow Write and Describe on the transactional id xos-*")
}

func TestWithTransactionsOffNoneIsAskedFor(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	asked := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.AddPartitionsToTxn, kmsg.EndTxn}, Observe: true, Count: -1})
	var findings []Finding
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs(), Transactions: TransactionsOff, OnFindings: func(found []Finding) { findings = found }}))
	commit(t, s, unit("web"), unit("db"))
	assert.Len(t, consume(t, c, DefaultInventoryTopic, 2), 2)
	require.Zero(t, asked.Hits())
	for _, f := range findings {
		assert.NotEmpty(t, f.Topic, "nothing is found about the transactional id")
	}
}

// TestWithoutTransactionsTheInventoryComesLast has the only partition of the details refuse.
func TestWithoutTransactionsTheInventoryComesLast(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	l := newLog(Options{Brokers: c.ListenAddrs(), Transactions: TransactionsOff})
	s, _ := open(t, l)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: DefaultTopic, Err: kerr.NotEnoughReplicas})
	results, err := s.Commit(t.Context(), []delivery.Unit{unit("web"), unit("db")})
	require.NoError(t, err)
	for _, result := range results {
		require.ErrorIs(t, result, delivery.ErrUnavailable)
		require.ErrorContains(t, result, "min.insync.replicas")
		require.ErrorContains(t, result, c.ListenAddrs()[0])
	}
	_, found := open(t, l)
	assert.Empty(t, found)

	s, _ = open(t, l)
	commit(t, s, unit("web"), unit("db"))
	_, found = open(t, l)
	assert.Equal(t, told{"cluster/web": "web", "cluster/db": "db"}, found)
}

// TestWithoutTransactionsWhatIsInDoubtIsSentAgain has a broker append what it answers an error
// to.
func TestWithoutTransactionsWhatIsInDoubtIsSentAgain(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	l := newLog(Options{Brokers: c.ListenAddrs(), Transactions: TransactionsOff})
	s, _ := open(t, l)
	commit(t, s, unit("before"))
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: DefaultInventoryTopic, Err: kerr.NotEnoughReplicasAfterAppend})
	results, err := s.Commit(t.Context(), []delivery.Unit{unit("web")})
	require.NoError(t, err)
	require.ErrorIs(t, results[0], delivery.ErrUnavailable)

	require.Eventually(t, func() bool {
		results, err := s.Commit(t.Context(), []delivery.Unit{unit("web"), unit("after")})
		require.NoError(t, err)
		return results[0] == nil && results[1] == nil
	}, time.Minute, 20*time.Millisecond, "the session goes on, with a producer id of its own")
	var keys []string
	for _, record := range consume(t, c, DefaultTopic, 4) {
		keys = append(keys, string(record.Key))
	}
	assert.Equal(t, []string{"before", "web", "web", "after"}, keys)
}

func TestAFailedTransactionNamesTheWayOut(t *testing.T) {
	c := newBroker(t, bothTopics(1))
	s, _ := open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.AddPartitionsToTxn}, Topic: DefaultTopic, Err: kerr.TopicAuthorizationFailed})
	_, err := s.Commit(t.Context(), []delivery.Unit{unit("web")})
	require.ErrorIs(t, err, sarama.ErrTopicAuthorizationFailed)
	for _, part := range []string{DefaultTopic, DefaultInventoryTopic, c.ListenAddrs()[0], "allow Write and Describe on all topics"} {
		assert.ErrorContains(t, err, part)
	}
}

// TestOpeningAsksForOffsetsTwice has two requests more than the reading takes, whatever the
// number of partitions.
func TestOpeningAsksForOffsetsTwice(t *testing.T) {
	const partitions = 5
	c := newBroker(t, bothTopics(partitions))
	asked := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, When: func(r kmsg.Request) bool {
		return len(r.(*kmsg.ListOffsetsRequest).Topics) == 2
	}, Observe: true, Count: -1})
	joined := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.AddPartitionsToTxn}, Observe: true, Count: -1})
	open(t, newLog(Options{Brokers: c.ListenAddrs()}))
	assert.EqualValues(t, 2, asked.Hits())
	assert.Zero(t, joined.Hits())
}
