package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func declared(t *testing.T, blob string) []Document {
	t.Helper()
	documents, err := Decode(blob, place)
	require.NoError(t, err)
	for i := range documents {
		documents[i] = documents[i].In(place)
	}
	return documents
}

func TestTheFirstIntentIsTheInventoryUntilThereIsOne(t *testing.T) {
	names := []xosv1.InventoryEntry{{APIVersion: "v1", Kind: "ConfigMap", Namespace: place, Name: "a"}}
	tampered := []xosv1.InventoryEntry{{APIVersion: "v1", Kind: "ConfigMap", Namespace: place, Name: "a", UID: "u", Health: xosv1.HealthCurrent}}
	r := &xosv1.KubernetesResourceInstance{}
	assert.Empty(t, Inventory(r))

	r.Annotations = map[string]string{xosv1.IntentAnnotation: Intent(r, tampered)}
	assert.Equal(t, names, Inventory(r), "a user may have written it: it tells names and nothing else")
	r.Status.KubectlState = xosv1.KubectlStateDeleted
	assert.Empty(t, Inventory(r), "what was applied and deleted since is no intent any more")
	r.Status.Inventory = tampered
	assert.Equal(t, tampered, Inventory(r))

	r = &xosv1.KubernetesResourceInstance{}
	for _, rubbish := range []string{"{", "[1]", `{"kind":"ConfigMap"}`} {
		r.Annotations = map[string]string{xosv1.IntentAnnotation: rubbish}
		assert.Empty(t, Inventory(r), rubbish)
	}
	r.Annotations = map[string]string{"kubectl.kubernetes.io/last-applied-configuration": strings.Repeat("x", 256<<10-100)}
	assert.Empty(t, Intent(r, names), "there is no room beside what kubectl keeps: the status has to tell")
}

func TestTheUnionHoldsWhatIsAndWhatWas(t *testing.T) {
	saved := []xosv1.InventoryEntry{
		{APIVersion: "example.org/v1", Kind: "Lamp", Namespace: place, Name: "hall", UID: "u1", Health: xosv1.HealthCurrent},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: place, Name: "old", UID: "u2"},
	}
	union, changed := Union(saved, declared(t, "{apiVersion: example.org/v2, kind: Lamp, metadata: {name: hall}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}"))
	assert.True(t, changed)
	assert.Equal(t, []xosv1.InventoryEntry{
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: place, Name: "new"},
		{APIVersion: "example.org/v2", Kind: "Lamp", Namespace: place, Name: "hall", UID: "u1", Health: xosv1.HealthCurrent},
		saved[1],
	}, union, "another version is no other object")

	only := declared(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: old}}")
	_, changed = Union(saved, only)
	assert.False(t, changed, "nothing is new: nothing has to be saved first")
	assert.Equal(t, saved[:1], Leftover(saved, only))
}

func TestNextState(t *testing.T) {
	const none, created, updated, deleted = xosv1.KubectlState(""), xosv1.KubectlStateCreated, xosv1.KubectlStateUpdated, xosv1.KubectlStateDeleted
	for name, test := range map[string]struct {
		was                xosv1.KubectlState
		applied, firstTime bool
		want               xosv1.KubectlState
	}{
		"nothing could be applied":       {none, false, true, none},
		"the first time":                 {none, true, false, created},
		"the rest of the first time":     {created, true, true, created},
		"a change":                       {created, true, false, updated},
		"another change":                 {updated, true, false, updated},
		"nothing to do":                  {created, false, false, created},
		"nothing to do after a change":   {updated, false, true, updated},
		"applied again after its end":    {deleted, true, false, created},
		"not applied again yet after it": {deleted, false, false, deleted},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, NextState(test.was, test.applied, test.firstTime))
		})
	}
}
