package event

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/eventschema"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// TestEachKindIsInventoried shows the messages of one object of each kind, to the byte, and
// that what was written is read again.
func TestEachKindIsInventoried(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	golden.Cases(t, "testdata/entities", ".txt", func(t *testing.T, input []byte) []byte {
		t.Helper()
		var in struct {
			Slice             *xosv1.Slice
			TrustDomain       *xosv1.TrustDomain
			Principal         *xosv1.Principal
			Image             *xosv1.Image
			KubernetesService *xosv1.KubernetesService
			Node              *corev1.Node
			Pod               *corev1.Pod
			Instance          *xosv1.KubernetesServiceInstance
		}
		require.NoError(t, yaml.Unmarshal(input, &in))
		var e Entity
		switch {
		case in.Slice != nil:
			e = OfSlice(in.Slice)
		case in.TrustDomain != nil:
			e = OfTrustDomain(in.TrustDomain)
		case in.Principal != nil:
			e = OfPrincipal(in.Principal)
		case in.Image != nil:
			e = OfImage(in.Image)
		case in.KubernetesService != nil:
			e = OfService(in.KubernetesService)
		case in.Node != nil:
			e = OfNode(in.Node)
		case in.Pod != nil:
			e = OfPod(in.Pod, in.Instance)
		}
		created, told, err := Pending(Told{}, e, false, "cluster-uid", at)
		require.NoError(t, err)
		ended, _, err := Pending(told, e, true, "cluster-uid", at)
		require.NoError(t, err)
		snapshot := Snapshot{Cluster: "cluster-uid", Name: "20260102T030405.000Z", Partitions: 1, At: at, Initial: true}
		items, err := snapshot.Item(e)
		require.NoError(t, err)
		var out bytes.Buffer
		for _, m := range append(append(created, items...), ended...) {
			write(t, &out, m)
			if m.Topic == Inventory && m.Value != nil {
				read, _, ok := ParseInventory("cluster-uid", m.Key, m.Value)
				require.True(t, ok)
				assert.Equal(t, e.InventoryFingerprint(), read.InventoryFingerprint())
			}
		}
		return out.Bytes()
	})
}

// channels are the names of topics in golden files and in docs/events.
var channels = map[Topic]string{Details: "details", Inventory: "inventory", Vitrage: "vitrage"}

// write writes a message as golden files hold it, if it is one that docs/events describes.
func write(t *testing.T, out *bytes.Buffer, m Message) {
	t.Helper()
	headers := map[string]string{}
	fmt.Fprintf(out, "topic: %s\nkey: %s\n", channels[m.Topic], m.Key)
	for _, h := range m.Headers {
		headers[h.Name] = h.Value
		fmt.Fprintf(out, "%s: %s\n", h.Name, h.Value)
	}
	fmt.Fprintf(out, "\n%s\n\n", m.Value)
	assert.NoError(t, eventschema.Check(channels[m.Topic], headers, m.Value))
}

func TestASnapshotEndsWithWhatItHolds(t *testing.T) {
	pod := Entity{ID: ID{Instance, "a"}, Namespace: "n", Name: "p"}
	image := Entity{ID: ID{Image, "b"}, Name: "i"}
	held := map[ID]Fingerprint{pod.ID: pod.InventoryFingerprint(), image.ID: image.InventoryFingerprint()}
	s := Snapshot{Cluster: "cluster", Name: "s", Partition: 1, Partitions: 3}
	end, err := s.End(held)
	require.NoError(t, err)
	assert.JSONEq(t, `{"status":"end","snapshot":"s","partition":1,"partitions":3,"count":2,"digest":"`+Digest(held)+`"}`, string(end.Value))
	assert.Equal(t, int32(1), *end.Partition)
	begin, err := s.Begin()
	require.NoError(t, err)
	for _, m := range []Message{begin, end} {
		write(t, &bytes.Buffer{}, m)
	}
	assert.JSONEq(t, `{"status":"begin","snapshot":"s","partition":1,"partitions":3}`, string(begin.Value))

	less := map[ID]Fingerprint{pod.ID: held[pod.ID]}
	assert.NotEqual(t, Digest(held), Digest(less))
	changed := map[ID]Fingerprint{pod.ID: held[image.ID], image.ID: held[pod.ID]}
	assert.NotEqual(t, Digest(held), Digest(changed))
	empty, err := s.End(nil)
	require.NoError(t, err)
	assert.Contains(t, string(empty.Value), `"count":0,"digest":"e3b0c442`, "the digest of nothing")
}
