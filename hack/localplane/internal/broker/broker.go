// Package broker runs a Kafka broker inside this process, on loopback, for a
// plane whose manager publishes events.
package broker

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Broker is a running broker.
type Broker struct{ cluster *kfake.Cluster }

// Start serves Kafka at port on loopback. Its topics are kept in dir, so that
// they are there again where the directory is; with an empty dir they are kept
// in memory. A topic that a client writes to comes into being.
func Start(port int, dir string) (*Broker, error) {
	options := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.Ports(port),
		kfake.AllowAutoTopicCreation(),
	}
	if dir != "" {
		options = append(options, kfake.DataDir(dir))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		return nil, fmt.Errorf("start the Kafka broker: %w", err)
	}
	return &Broker{cluster: cluster}, nil
}

// Stop writes what is not written yet and ends the broker.
func (b *Broker) Stop() { b.cluster.Close() }
