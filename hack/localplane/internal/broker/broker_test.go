package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
)

const waitTimeout = 20 * time.Second

func startBroker(t *testing.T, port int, dir string) *Broker {
	t.Helper()
	b, err := Start(port, dir)
	require.NoError(t, err)
	t.Cleanup(b.Stop)
	return b
}

func clientOf(t *testing.T, port int, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(ports.Address(port)), kgo.AllowAutoTopicCreation())...)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func TestAMessageOutlivesARestart(t *testing.T) {
	port, err := ports.Pick(t.Context(), 0, nil)
	require.NoError(t, err)
	dir := t.TempDir()
	b := startBroker(t, port, dir)
	record := &kgo.Record{Topic: "events", Value: []byte("hello")}
	require.NoError(t, clientOf(t, port).ProduceSync(t.Context(), record).FirstErr())
	b.Stop()

	startBroker(t, port, dir)
	consumer := clientOf(t, port, kgo.ConsumeTopics("events"), kgo.FetchMaxWait(time.Second))
	var got string
	require.Eventually(t, func() bool {
		consumer.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) { got = string(r.Value) })
		return got != ""
	}, waitTimeout, time.Millisecond)
	require.Equal(t, "hello", got)
}

func TestAPortInUseIsAnError(t *testing.T) {
	port, err := ports.Pick(t.Context(), 0, nil)
	require.NoError(t, err)
	startBroker(t, port, "")
	_, err = Start(port, "")
	require.ErrorContains(t, err, "start the Kafka broker")
}
