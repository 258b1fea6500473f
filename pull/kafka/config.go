package kafka

import (
	"time"

	"github.com/IBM/sarama"
)

// newConfig returns the configuration of a client that gives up within seconds: what fails
// is still pending, and tried again from above.
func newConfig() *sarama.Config {
	c := sarama.NewConfig()
	c.ClientID = "xos-controller-manager"
	c.Version = sarama.V3_0_0_0
	c.Net.DialTimeout, c.Net.ReadTimeout, c.Net.WriteTimeout = 3*time.Second, 10*time.Second, 5*time.Second
	c.Metadata.AllowAutoTopicCreation = false
	c.Metadata.Full = false // of our topics only
	c.Metadata.Retry.Max = 1
	return c
}

// newPartitioners returns how keys are mapped to partitions: on the topic of details as
// librdkafka does it, by which the original published, and on the others as Kafka's own
// clients do.
func newPartitioners(o Options) map[string]sarama.Partitioner {
	return map[string]sarama.Partitioner{
		o.PodTopic:       sarama.NewConsistentCRCHashPartitioner(o.PodTopic),
		o.InventoryTopic: sarama.NewMurmur2Partitioner(o.InventoryTopic),
		o.VitrageTopic:   sarama.NewMurmur2Partitioner(o.VitrageTopic),
	}
}
