package event

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestPendingIsWhatKafkaWasNotTold(t *testing.T) {
	pod := Entity{ID: ID{Instance, "a"}, Namespace: "n", Name: "p", ResourceVersion: "7", Labels: map[string]string{"k": "v"}}
	moved := pod
	moved.References = []Reference{{Kind: "Node", Name: "other"}}
	relabelled := pod
	relabelled.Labels = map[string]string{"k": "w"}
	const (
		a, b             = "details ", "inventory "
		tombstone        = b
		created, updated = string(xosv1.EventCreated), string(xosv1.EventUpdated)
		deleted          = string(xosv1.EventDeleted)
	)
	for name, c := range map[string]struct {
		told  Told
		ended bool
		want  []string
	}{
		"created, of a pod that is new":                   {Told{}, false, []string{a + created, b + created}},
		"nothing, where nothing has changed":              {ToldOf(pod), false, nil},
		"the change on both topics":                       {ToldOf(relabelled), false, []string{a + updated, b + updated}},
		"the change where only the inventory shows it":    {ToldOf(moved), false, []string{b + updated}},
		"deleted, at the end":                             {ToldOf(pod), true, []string{a + deleted, b + deleted, tombstone}},
		"deleted, and not the last change before it":      {ToldOf(relabelled), true, []string{a + deleted, b + deleted, tombstone}},
		"both, where it ended unannounced":                {Told{}, true, []string{a + created, b + created, a + deleted, b + deleted, tombstone}},
		"created on the inventory, after the first build": {Told{OnDetails: true, Details: pod.DetailsFingerprint()}, false, []string{b + created}},
		"a change that the first build missed":            {Told{OnDetails: true}, false, []string{b + created, a + updated}},
		"the end of a pod that the first build announced": {Told{OnDetails: true}, true, []string{b + created, a + deleted, b + deleted, tombstone}},
	} {
		t.Run(name, func(t *testing.T) {
			messages, after, err := Pending(c.told, pod, c.ended, "cluster", time.Time{})
			require.NoError(t, err)
			var got []string
			for _, m := range messages {
				got = append(got, map[Topic]string{Details: a, Inventory: b}[m.Topic]+string(m.Status))
			}
			assert.Equal(t, c.want, got)
			if !c.ended {
				again, _, err := Pending(after, pod, false, "cluster", time.Time{})
				require.NoError(t, err)
				assert.Empty(t, again, "nothing is pending after it")
			}
		})
	}
}

func TestTheInventoryIsReadAsItIsWritten(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	pod := Entity{
		ID: ID{Instance, "a"}, Namespace: "n", Name: "p", ResourceVersion: "7", Labels: map[string]string{"k": "v"},
		Addresses: []string{"10.0.0.1"}, References: []Reference{{"Node", "", "node"}, {"Slice", "n", "web"}}, CreatedAt: at,
	}
	m, err := pod.InventoryMessage(xosv1.EventUpdated, "cluster", at)
	require.NoError(t, err)
	read, gone, ok := ParseInventory("cluster", m.Key, m.Value)
	require.True(t, ok)
	assert.False(t, gone)
	assert.Equal(t, pod, read)
	assert.Equal(t, ToldOf(pod), ToldOf(read))

	tombstone := pod.Tombstone("cluster")
	read, gone, ok = ParseInventory("cluster", tombstone.Key, tombstone.Value)
	assert.True(t, ok && gone)
	assert.Equal(t, pod.ID, read.ID)

	for key, value := range map[string]string{
		"other/kubernetesserviceinstance/a":     string(m.Value), // another cluster's
		"cluster/kubernetesserviceinstance/b":   string(m.Value), // of another pod
		"cluster/kubernetesserviceinstance":     string(m.Value),
		"cluster/kubernetesserviceinstance/a":   "{", // of another client
		"cluster/kubernetesserviceinstance/a/b": string(m.Value),
		"cluster/snapshot/0":                    string(m.Value),
	} {
		_, _, ok := ParseInventory("cluster", key, []byte(value))
		assert.False(t, ok, key)
	}
}

func TestTheFingerprintIsOfWhatTheBodyShows(t *testing.T) {
	base := Entity{ID: ID{Instance, "a"}, Name: "p", Labels: map[string]string{"x": "1", "y": "2"}, Addresses: []string{"10.0.0.1"}}
	same := base
	same.ResourceVersion, same.CreatedAt = "99", time.Unix(1, 0)
	assert.Equal(t, ToldOf(base), ToldOf(same))
	moved := base
	moved.Addresses = []string{"10.0.0.2"}
	assert.NotEqual(t, base.DetailsFingerprint(), moved.DetailsFingerprint())
	relabelled := base
	relabelled.Labels = map[string]string{"x": "1"}
	assert.NotEqual(t, base.DetailsFingerprint(), relabelled.DetailsFingerprint())
	f := base.DetailsFingerprint()
	assert.Equal(t, f, ParseFingerprint(f.String()))
	assert.Equal(t, Fingerprint{}, ParseFingerprint("no fingerprint!"))
}

func TestTheNumberOfAPodIsPositiveAndFitsAFloat(t *testing.T) {
	for _, uid := range []types.UID{"", "a", "6c1c2c0e-0000-4000-8000-000000000001"} {
		id := numericID(uid)
		assert.Positive(t, id)
		assert.Less(t, id, uint64(1)<<53)
		assert.Equal(t, id, numericID(uid))
	}
	assert.NotEqual(t, numericID("a"), numericID("b"))
}
