package pull

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// TestKeptEndsAreSmall has the API server keep as many ends as it may, of pods with as many labels
// as events show.
func TestKeptEndsAreSmall(t *testing.T) {
	e := event.Entity{ID: idOf("u"), Namespace: "shop", Name: "web", Labels: map[string]string{"xos_service": "demo"}}
	for i := range 500 {
		e.Labels[fmt.Sprintf("label-%03d", i)] = strings.Repeat("v", 60)
	}
	encoded, err := encodeKept(e)
	require.NoError(t, err)
	const etcd = 2 << 30 // what it stores by default
	assert.Less(t, len(encoded)*delivery.DefaultMaxStored, etcd/8)
	kept, err := event.Decode(encoded)
	require.NoError(t, err)
	assert.Equal(t, "demo", kept.Labels["xos_service"])
	assert.Greater(t, len(e.Labels), 500, "the entity itself stays whole")
}
