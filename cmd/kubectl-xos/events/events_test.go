package events

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/internal/kafkaflags"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// inventoried is a broker, and the session of a manager on it.
type inventoried struct {
	*testing.T
	brokers string
	session delivery.Session
}

func newInventory(t *testing.T) *inventoried {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, kafka.DefaultTopic, kafka.DefaultInventoryTopic))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	log := kafka.New(kafka.Options{Brokers: c.ListenAddrs()}, func() (types.UID, error) { return "c", nil })
	s, err := log.Open(t.Context(), func(string, []byte) {})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return &inventoried{t, strings.Join(c.ListenAddrs(), ","), s}
}

// publish has a pod become what it is, or end.
func (i *inventoried) publish(told event.Told, e event.Entity, ended bool) event.Told {
	i.Helper()
	messages, after, err := event.Pending(told, e, ended, "c", time.Now())
	require.NoError(i, err)
	results, err := i.session.Commit(i.Context(), []delivery.Unit{{Entity: e, Messages: messages}})
	require.NoError(i, err)
	require.NoError(i, results[0])
	return after
}

func pod(namespace, name, slice string) event.Entity {
	return event.Entity{
		ID: event.ID{Kind: event.Instance, UID: types.UID(name)}, Namespace: namespace, Name: name, ResourceVersion: "7", Addresses: []string{"10.0.0.7"},
		References: []event.Reference{{Kind: "Slice", Namespace: namespace, Name: slice}},
	}
}

// execute runs the command to its end.
func (i *inventoried) execute(args ...string) (out, errOut string) {
	i.Helper()
	var o, e bytes.Buffer
	require.NoError(i, command(i.Context(), &o, &e, append([]string{"--brokers", i.brokers}, args...)...))
	return o.String(), e.String()
}

func command(ctx context.Context, out, errOut io.Writer, args ...string) error {
	cmd := NewCommand()
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(ctx)
}

// rows are the columns of a table but for the time.
func rows(table string) (rows []string) {
	for line := range strings.Lines(table) {
		rows = append(rows, strings.Join(strings.Fields(line)[1:], " "))
	}
	return rows
}

func TestEventsAreShownToTheEnd(t *testing.T) {
	i := newInventory(t)
	_, errOut := i.execute()
	assert.Equal(t, "No events found.\n", errOut)
	web := pod("shop", "web", "front")
	told := i.publish(event.Told{}, web, false)
	i.publish(event.Told{}, pod("tools", "cron", "jobs"), false)
	i.publish(told, web, true)

	const header = "STATUS KIND NAMESPACE NAME SLICE ADDRESSES"
	const kind = "kubernetesserviceinstance"
	created, deleted := "created "+kind+" shop web front 10.0.0.7", "deleted "+kind+" shop web front 10.0.0.7"
	out, _ := i.execute("-n", "shop")
	assert.Equal(t, []string{header, created, deleted}, rows(out))
	out, _ = i.execute("--slice", "tools/jobs")
	assert.Equal(t, []string{header, "created " + kind + " tools cron jobs 10.0.0.7"}, rows(out))
	out, _ = i.execute("--topic", "details", "--namespace", "shop", "--status", "deleted")
	assert.Equal(t, []string{header, "deleted " + kind + " shop web <none> 10.0.0.7"}, rows(out))
	out, _ = i.execute("--since", "1h", "--status=deleted,updated")
	assert.Equal(t, []string{header, deleted}, rows(out))
	out, errOut = i.execute("--kind", "slice,image")
	assert.Empty(t, out)
	assert.Equal(t, "No events found.\n", errOut)
}

func TestProgramsReadEventsAndWhatIsForgotten(t *testing.T) {
	i := newInventory(t)
	web := pod("shop", "web", "front")
	i.publish(i.publish(event.Told{}, web, false), web, true)
	out, _ := i.execute("-o", "json")
	var got []string
	for line := range strings.Lines(out) {
		var m struct {
			Status, Key string
			Headers     map[string]string
			Value       *struct{ Status, Name string }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		assert.Equal(t, event.InventoryKey("c", web.ID), m.Key)
		if got = append(got, m.Status); m.Status == "forgotten" {
			assert.Nil(t, m.Value)
			continue
		}
		assert.Equal(t, "web", m.Value.Name)
		assert.Equal(t, "web."+m.Status, m.Headers["ce_id"])
		assert.Equal(t, web.InventoryFingerprint().String(), m.Headers["ce_fingerprint"])
	}
	assert.Equal(t, []string{"created", "deleted", "forgotten"}, got)
	out, _ = i.execute("-o", "yaml", "--status", string(xosv1.EventCreated))
	assert.Contains(t, out, "\nvalue:\n  addresses:\n    - 10.0.0.7\n")
}

// watched is an output of which a test awaits lines.
type watched struct {
	mu    sync.Mutex
	text  strings.Builder
	wrote chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() {
		select {
		case w.wrote <- struct{}{}:
		default:
		}
	}()
	return w.text.Write(p)
}

func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		w.mu.Lock()
		so := w.text.String()
		w.mu.Unlock()
		if strings.Contains(so, text) {
			return
		}
		select {
		case <-w.wrote:
		case <-timeout:
			t.Fatalf("no %q in %q", text, so)
		}
	}
}

func TestEventsAreFollowedUntilTheUserEndsIt(t *testing.T) {
	i := newInventory(t)
	i.publish(event.Told{}, pod("shop", "before", "s"), false)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, ended := &watched{wrote: make(chan struct{}, 1)}, make(chan error, 1)
	go func() { ended <- command(ctx, out, out, "--brokers", i.brokers, "--follow") }()
	out.await(t, "before")
	i.publish(event.Told{}, pod("shop", "after", "s"), false)
	out.await(t, "after")
	cancel()
	assert.NoError(t, <-ended)
}

func TestBrokersAreNamedByTheEnvironmentOrByTheManagersFlag(t *testing.T) {
	i := newInventory(t)
	i.publish(event.Told{}, pod("shop", "web", "s"), false)
	var out bytes.Buffer
	require.NoError(t, command(t.Context(), &out, &out, "--kafka-brokers", i.brokers, "--kafka-inventory-topic", kafka.DefaultInventoryTopic))
	t.Setenv(kafkaflags.BrokersVariable, i.brokers)
	require.NoError(t, command(t.Context(), &out, &out))
	assert.Equal(t, 2, strings.Count(out.String(), "web"))
}

func TestFlagsThatCannotBeAreNamed(t *testing.T) {
	t.Setenv(kafkaflags.BrokersVariable, "")
	for sentence, test := range map[string]struct {
		args []string
		want []string
	}{
		"no brokers":                        {nil, []string{"--brokers is missing"}},
		"a broker without a port":           {[]string{"--brokers=a"}, []string{`--brokers: "a" is not host:port`}},
		"several at once":                   {[]string{"--topic=x", "-o=xml", "--status=gone", "--kind=pod"}, []string{`--topic: "x"`, `--output: "xml"`, `--status: "gone"`, `--kind: "pod"`, "--brokers"}},
		"TLS that has no effect":            {[]string{"--brokers=a:1", "--kafka-tls-ca-file=ca"}, []string{"has no effect without --kafka-tls"}},
		"a slice on the topic of details":   {[]string{"--brokers=a:1", "--topic=details", "--slice=web"}, []string{"names no slices"}},
		"a time to come":                    {[]string{"--brokers=a:1", "--since=-1m"}, []string{"can't be negative"}},
		"an audit of some of the inventory": {[]string{"--brokers=a:1", "--audit", "-n=shop"}, []string{"[audit namespace]"}},
		"an audit that never ends":          {[]string{"--brokers=a:1", "--audit", "-f"}, []string{"[audit follow]"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := command(t.Context(), &bytes.Buffer{}, &bytes.Buffer{}, test.args...)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestATopicThatIsNotThereIsNamed(t *testing.T) {
	i := newInventory(t)
	err := command(t.Context(), &bytes.Buffer{}, &bytes.Buffer{}, "--brokers", i.brokers, "--inventory-topic=elsewhere")
	assert.ErrorContains(t, err, "read topic elsewhere")
	assert.ErrorContains(t, err, "name the one that the manager publishes to")
}

func TestBrokersThatAreAwayAreNamed(t *testing.T) {
	err := command(t.Context(), &bytes.Buffer{}, &bytes.Buffer{}, "--brokers=127.0.0.1:1")
	assert.ErrorContains(t, err, "read topic xos.inventory.v1 of Kafka at 127.0.0.1:1: see that the brokers are up")
}
