package faults_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// detailsPartitions and inventoryPartitions are several, so that one can fail alone.
	detailsPartitions   = 3
	inventoryPartitions = 2
	// readTimeout bounds one reading of a topic.
	readTimeout = 10 * time.Second
)

// broker is a Kafka in the test's process, which can be cut off, ended and rebuilt at one
// address.
type broker struct {
	t    *testing.T
	dir  string
	port int
	gate *gate

	cluster *kfake.Cluster
	away    []span
	since   time.Time
	// rebuilt is when it was rebuilt empty.
	rebuilt time.Time
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{t: t, dir: t.TempDir(), gate: &gate{}}
	b.begin()
	t.Cleanup(func() { b.cluster.Close() })
	return b
}

func (b *broker) begin() {
	b.t.Helper()
	var err error
	b.cluster, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(b.port), kfake.DataDir(b.dir), kfake.ListenFn(b.gate.listen),
		kfake.SeedTopics(detailsPartitions, kafka.DefaultTopic), kfake.SeedTopics(inventoryPartitions, kafka.DefaultInventoryTopic))
	require.NoError(b.t, err)
	_, port, err := net.SplitHostPort(b.address())
	require.NoError(b.t, err)
	b.port, err = strconv.Atoi(port)
	require.NoError(b.t, err)
}

func (b *broker) address() string { return b.gate.address }

// leave notes that the broker is away from now on, and back that it is there again.
func (b *broker) leave() { b.since = time.Now() }

func (b *broker) back() {
	b.away = append(b.away, span{b.since, time.Now()})
	b.since = time.Time{}
}

// cut ends all connections and refuses new ones; the broker's state stays as it is.
func (b *broker) cut() {
	b.leave()
	b.gate.shut()
}

func (b *broker) mend() {
	b.t.Helper()
	require.NoError(b.t, b.gate.open())
	b.back()
}

// stop ends the broker, whose data stay on disk.
func (b *broker) stop() {
	b.leave()
	b.cluster.Close()
	b.gate.shut()
}

func (b *broker) start() {
	b.t.Helper()
	b.begin()
	b.back()
}

// rebuild has another broker at the same address, without data.
func (b *broker) rebuild() {
	b.t.Helper()
	b.dir = b.t.TempDir()
	b.rebuilt = time.Now()
	b.begin()
	b.back()
}

// kafkaAway are the times for which it was away.
func (b *broker) kafkaAway() []span {
	if b.since.IsZero() {
		return b.away
	}
	return append(b.away[:len(b.away):len(b.away)], span{b.since, time.Now()})
}

// messages reads a topic from its beginning to its end by a consumer that is not ours, but
// for the partitions that are left out.
func (b *broker) messages(ctx context.Context, topic string, level kgo.IsolationLevel, without ...int32) ([]*kgo.Record, error) {
	ends, from, waiting := map[int32]int64{}, map[int32]kgo.Offset{}, 0
	for _, p := range b.cluster.PartitionInfos(topic) {
		end := p.LastStableOffset
		if level == kgo.ReadUncommitted() {
			end = p.HighWatermark
		}
		if end > 0 && !contains(without, p.Partition) {
			ends[p.Partition], from[p.Partition] = end, kgo.NewOffset().AtStart()
			waiting++
		}
	}
	if waiting == 0 {
		return nil, nil
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(b.address()), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var all []*kgo.Record
	for waiting > 0 {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return nil, fmt.Errorf("read topic %s: %w", topic, err)
		}
		fetches.EachRecord(func(m *kgo.Record) {
			if m.Offset >= ends[m.Partition] {
				return
			}
			if m.Offset == ends[m.Partition]-1 {
				waiting--
			}
			if !m.Attrs.IsControl() {
				all = append(all, m)
			}
		})
	}
	return all, nil
}

func contains(all []int32, one int32) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

// partitionOf is the partition of the events of a name on the topic of details, as
// librdkafka's consistent partitioner has it.
func partitionOf(name string) int32 {
	return int32(crc32.ChecksumIEEE([]byte(name)) % detailsPartitions)
}

// aboutPods are the messages that are about pods, as the oracle takes them.
func aboutPods(messages []*kgo.Record) []told {
	var all []told
	for _, m := range messages {
		headers := headersOf(m)
		switch kind := "/kubernetesserviceinstance/"; {
		case m.Value == nil && strings.Contains(string(m.Key), kind):
			_, uid, _ := strings.Cut(string(m.Key), kind)
			all = append(all, told{uid: types.UID(uid)})
		case strings.Contains(headers["ce_source"], kind):
			_, uid, _ := strings.Cut(headers["ce_source"], kind)
			kind := strings.Split(headers["ce_type"], ".")
			status := kind[len(kind)-2]
			if status == "item" {
				status = "current"
			}
			all = append(all, told{uid: types.UID(uid), status: status, id: headers["ce_id"], subject: headers["ce_subject"]})
		}
	}
	return all
}

func headersOf(m *kgo.Record) map[string]string {
	headers := map[string]string{}
	for _, h := range m.Headers {
		headers[h.Key] = string(h.Value)
	}
	return headers
}

// awaitOnDetails waits until a message of a pod is committed.
func (b *broker) awaitOnDetails(uid types.UID, status string) {
	b.t.Helper()
	plane.Wait(b.t, waitTimeout, func(ctx context.Context) (bool, string) {
		all, err := b.messages(ctx, kafka.DefaultTopic, kgo.ReadCommitted())
		if err != nil {
			return false, err.Error()
		}
		for _, m := range aboutPods(all) {
			if m.uid == uid && m.status == status {
				return true, ""
			}
		}
		return false, fmt.Sprintf("no %s of pod %s is on the topic of details", status, uid)
	})
}
