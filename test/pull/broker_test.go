package pull_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/eventschema"
)

// vitrageTopic is the topic of nodes for Vitrage.
const vitrageTopic = "vitrage"

// broker is a Kafka in the test's process.
type broker struct {
	*kfake.Cluster
	w *env
}

func (w *env) newBroker(opts ...kfake.Opt) *broker {
	w.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(1, kafka.DefaultTopic, kafka.DefaultInventoryTopic, vitrageTopic)}, opts...)...)
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

// log publishes to the broker.
func (b *broker) log() *kafka.Log { return b.w.logAt(b.ListenAddrs()[0]) }

// logAt publishes to a broker that may not be there.
func (w *env) logAt(address string) *kafka.Log {
	return kafka.New(kafka.Options{Brokers: []string{address}, TopicOptions: kafka.TopicOptions{VitrageTopic: vitrageTopic}}, w.clusterUID)
}

// clusterUID identifies the plane in events.
func (w *env) clusterUID() (types.UID, error) {
	namespace, err := w.kubernetes.CoreV1().Namespaces().Get(w.Context(), metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	return namespace.UID, nil
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

// events reads what is committed on the topic of details, from its beginning.
func (b *broker) events(ctx context.Context) ([]received, error) {
	var events []received
	err := b.read(ctx, kafka.DefaultTopic, func(m *kgo.Record) error {
		e := received{Key: string(m.Key), Headers: map[string]string{}}
		if err := json.Unmarshal(m.Value, &e); err != nil {
			return err
		}
		for _, h := range m.Headers {
			e.Headers[h.Key] = string(h.Value)
		}
		events = append(events, e)
		return nil
	})
	return events, err
}

// inventory is what the topic of the inventory says last of each key that has no tombstone.
func (b *broker) inventory(ctx context.Context) (map[string]string, error) {
	last := map[string]string{}
	err := b.read(ctx, kafka.DefaultInventoryTopic, func(m *kgo.Record) error {
		if last[string(m.Key)] = string(m.Value); m.Value == nil {
			delete(last, string(m.Key))
		}
		return nil
	})
	return last, err
}

// read reads what is committed on a topic by a consumer that is not ours.
func (b *broker) read(ctx context.Context, topic string, visit func(*kgo.Record) error) error {
	if b.TopicInfo(topic) == nil {
		return fmt.Errorf("no topic %s", topic)
	}
	end := b.PartitionInfo(topic, 0).HighWatermark
	if end == 0 {
		return nil
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(b.ListenAddrs()...), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer consumer.Close()
	for next := int64(0); next < end; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return fmt.Errorf("at %d of %d: %w", next, end, err)
		}
		for _, m := range fetches.Records() {
			next = m.Offset + 1
			if m.Attrs.IsControl() {
				continue
			}
			if err := described(topic, m); err != nil {
				return err
			}
			if err := visit(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// described returns an error for a message that docs/events does not describe.
func described(topic string, m *kgo.Record) error {
	headers := map[string]string{}
	for _, h := range m.Headers {
		headers[h.Key] = string(h.Value)
	}
	channel := map[string]string{kafka.DefaultTopic: "details", kafka.DefaultInventoryTopic: "inventory", vitrageTopic: "vitrage"}[topic]
	return eventschema.Check(channel, headers, m.Value)
}

// last waits for the last event of a pod to be of a status.
func (b *broker) last(uid types.UID, status xosv1.EventStatus) error {
	ctx, cancel := context.WithTimeout(b.w.Context(), time.Second)
	defer cancel()
	all, err := b.events(ctx)
	if err != nil {
		return err
	}
	last := ""
	for _, e := range all {
		if strings.HasPrefix(e.Headers["ce_source"], "/clusters/") && strings.HasSuffix(e.Headers["ce_source"], "/"+string(uid)) {
			last = e.Status
		}
	}
	if last == "" || (status != "" && last != string(status)) {
		return fmt.Errorf("the last event of %s is %q", uid, last)
	}
	return nil
}

// told returns nil where the pod that an instance shows runs and is announced.
func (b *broker) told(i *xosv1.KubernetesServiceInstance) error {
	if err := running(i); err != nil {
		return err
	}
	return b.last(i.Status.PodUID, "")
}

func (b *broker) acknowledged(status xosv1.EventStatus) func(*xosv1.KubernetesServiceInstance) error {
	return func(i *xosv1.KubernetesServiceInstance) error { return b.last(i.Status.PodUID, status) }
}

// anotherThan waits for an instance to be created anew, and its pod to be announced.
func (b *broker) anotherThan(before *xosv1.KubernetesServiceInstance) func(*xosv1.KubernetesServiceInstance) error {
	return func(i *xosv1.KubernetesServiceInstance) error {
		if i.UID == before.UID {
			return fmt.Errorf("it is the same one still")
		}
		return b.told(i)
	}
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
