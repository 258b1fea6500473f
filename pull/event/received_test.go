package event

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReceivedMessageHasItsHeaders(t *testing.T) {
	e := Entity{ID: ID{Slice, "u"}, Name: "web"}
	sent, err := e.InventoryMessage("updated", "c", e.CreatedAt)
	require.NoError(t, err)
	m := Received{Headers: sent.Headers}
	assert.Equal(t, "u.", m.Header("ce_id"))
	assert.Empty(t, m.Header("nothing"))
	f, ok := m.Fingerprint()
	assert.True(t, ok)
	assert.Equal(t, e.InventoryFingerprint(), f)
	_, ok = Received{}.Fingerprint()
	assert.False(t, ok)
}

func TestTheEndOfASnapshotIsRead(t *testing.T) {
	s := Snapshot{Cluster: "c", Name: "n", Partition: 1, Partitions: 3}
	entities := map[ID]Fingerprint{{Slice, "u"}: {1}}
	end, err := s.End(entities)
	require.NoError(t, err)
	got, ok := ParseSnapshotEnd("c", end.Key, end.Value)
	require.True(t, ok)
	assert.Equal(t, SnapshotEnd{Name: "n", Partition: 1, Partitions: 3, Count: 1, Digest: Digest(entities)}, got)

	begin, err := s.Begin()
	require.NoError(t, err)
	for sentence, m := range map[string]Message{
		"a begin":                  begin,
		"one of another cluster":   {Key: "d/snapshot/1", Value: end.Value},
		"one of another partition": {Key: "c/snapshot/0", Value: end.Value},
		"a tombstone":              {Key: end.Key},
		"an entity":                {Key: "c/slice/u", Value: end.Value},
	} {
		_, ok := ParseSnapshotEnd("c", m.Key, m.Value)
		assert.False(t, ok, sentence)
	}
}
