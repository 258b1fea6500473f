package kafka

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/IBM/sarama"
)

// errNoAnswer is why a transaction is given up that takes too long.
var errNoAnswer = errors.New("no answer in time")

// explain adds to an error which topics and brokers it is of, and what to do where that is
// known.
func (o Options) explain(err error) error {
	where := fmt.Sprintf("publish to topics %s of Kafka at %s", strings.Join(o.names(), " and "), strings.Join(o.Brokers, ","))
	if way := wayOut(err, o.InventoryTopic); way != "" {
		where += ": " + way
	}
	return fmt.Errorf("%s: %w", where, o.Explain(err))
}

// wayOut is what to change about Kafka where a broker has answered an error; empty where
// that is not known. inventory is the topic that is read too.
func wayOut(err error, inventory string) string {
	var network *net.OpError
	answered := func(answers ...error) bool {
		return slices.ContainsFunc(answers, func(answer error) bool { return errors.Is(err, answer) })
	}
	switch {
	case answered(sarama.ErrUnknownTopicOrPartition):
		return "create the topics, or allow that they are created by " + flagCreateTopics
	case answered(sarama.ErrTransactionalIDAuthorizationFailed):
		return "allow Write and Describe on the transactional id xos-*, or do without by " + flagTransactions + "=auto"
	case answered(sarama.ErrClusterAuthorizationFailed):
		return "allow Write on the topics, and IdempotentWrite on the cluster where Kafka is older than 2.8"
	case answered(sarama.ErrTopicAuthorizationFailed):
		return "allow Write and Describe on all topics, and Read on " + inventory
	case answered(sarama.ErrInvalidTransactionTimeout):
		return fmt.Sprintf("raise the brokers' transaction.max.timeout.ms to %d", transactionTimeout.Milliseconds())
	case answered(sarama.ErrNotEnoughReplicas, sarama.ErrNotEnoughReplicasAfterAppend):
		return "have as many of the topic's replicas up as its " + minInSync + " asks for"
	case answered(sarama.ErrConsumerCoordinatorNotAvailable, sarama.ErrNotCoordinatorForConsumer, sarama.ErrOffsetsLoadInProgress):
		return "if it lasts, have as many brokers up as transaction.state.log.replication.factor and transaction.state.log.min.isr ask for"
	case answered(sarama.ErrNotLeaderForPartition, sarama.ErrLeaderNotAvailable, sarama.ErrConcurrentTransactions):
		return "if it lasts, have a broker up for each partition of the topics"
	case errors.As(err, &network) && network.Op == "dial":
		return "if it lasts, see that the brokers are up, and that " + flagBrokers + " and their advertised.listeners name them"
	case answered(errNoAnswer):
		return "if it lasts, look at the logs of the brokers that lead the topics' partitions and those of __transaction_state"
	}
	return ""
}
