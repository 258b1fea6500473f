package pull_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// broker is a Kafka in the test's process.
type broker struct {
	*kfake.Cluster
	w *env
}

func (w *env) newBroker(opts ...kfake.Opt) *broker {
	w.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(1, kafka.DefaultTopic)}, opts...)...)
	require.NoError(w, err)
	w.Cleanup(c.Close)
	return &broker{c, w}
}

// brokerAt is a broker at an address where one was before.
func (w *env) brokerAt(address string) *broker {
	w.Helper()
	_, port, err := net.SplitHostPort(address)
	require.NoError(w, err)
	number, err := strconv.Atoi(port)
	require.NoError(w, err)
	return w.newBroker(kfake.Ports(number))
}

func (b *broker) publisher() *kafka.Publisher {
	k := kafka.New(kafka.Options{Brokers: b.ListenAddrs()})
	b.w.Cleanup(k.Close)
	return k
}

// received is a message as a consumer reads it.
type received struct {
	Key           string
	Headers       map[string]string
	Status        string            `json:"status"`
	Name          string            `json:"name"`
	ID            int64             `json:"kubernetesserviceinstance_id"`
	Labels        map[string]string `json:"labels"`
	NetInterfaces []struct {
		Name      string   `json:"name"`
		Addresses []string `json:"addresses"`
	} `json:"netinterfaces"`
}

// events reads the topic from its beginning.
func (b *broker) events(ctx context.Context) ([]received, error) {
	info := b.TopicInfo(kafka.DefaultTopic)
	if info == nil {
		return nil, fmt.Errorf("no topic")
	}
	end := b.PartitionInfo(kafka.DefaultTopic, 0).HighWatermark
	if end == 0 {
		return nil, nil
	}
	config := sarama.NewConfig()
	consumer, err := sarama.NewConsumer(b.ListenAddrs(), config)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(kafka.DefaultTopic, 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	var events []received
	for int64(len(events)) < end {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d events: %w", len(events), end, ctx.Err())
		case err := <-partition.Errors():
			return nil, err
		case m := <-partition.Messages():
			e := received{Key: string(m.Key), Headers: map[string]string{}}
			if err := json.Unmarshal(m.Value, &e); err != nil {
				return nil, err
			}
			for _, h := range m.Headers {
				e.Headers[string(h.Key)] = string(h.Value)
			}
			events = append(events, e)
		}
	}
	return events, nil
}

// statuses waits for the events of a pod to be these, in order, each once, and
// none else. Updates are left out: how many states of a pod are seen on its way
// depends on the time.
func (b *broker) statuses(uid types.UID, want ...string) {
	b.w.Helper()
	b.w.eventually(func(ctx context.Context) error {
		all, err := b.events(ctx)
		if err != nil {
			return err
		}
		var got []string
		for _, e := range all {
			if strings.HasPrefix(e.Headers["ce_id"], string(uid)+".") && e.Status != "updated" {
				got = append(got, e.Status)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("events %v instead of %v", got, want)
		}
		return nil
	})
}
