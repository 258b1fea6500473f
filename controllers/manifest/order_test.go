package manifest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWavesGoBackwardsAndDefinitionsLast(t *testing.T) {
	id := func(group, kind, name string) ID { return ID{Group: group, Kind: kind, Name: name} }
	lamps := id(extensions, "CustomResourceDefinition", "lamps")
	hall := id("example.org", "Lamp", "hall")
	waves := Waves([]ID{
		id("", "Namespace", "n"), lamps, id("", "ConfigMap", "a"), id("", "ConfigMap", "b"),
		id(apps, "Deployment", "operator"), hall, id(admission, "ValidatingWebhookConfiguration", "w"),
	})
	assert.Equal(t, [][]ID{
		{id(admission, "ValidatingWebhookConfiguration", "w"), hall},
		{id(apps, "Deployment", "operator"), id("", "ConfigMap", "b"), id("", "ConfigMap", "a")},
		{lamps, id("", "Namespace", "n")},
	}, waves, "what serves a custom resource outlives it")
	assert.Empty(t, Waves(nil))
}

func TestAKindOfAnotherGroupIsACustomOne(t *testing.T) {
	ours := rank(ID{Group: "xos.opencord.org", Kind: "Service"}.GroupKind())
	assert.Greater(t, ours, rank(ID{Kind: "Service"}.GroupKind()))
	assert.Equal(t, ours, rank(ID{Group: "example.org", Kind: "Lamp"}.GroupKind()))
	assert.Less(t, ours, rank(ID{Group: admission, Kind: "ValidatingWebhookConfiguration"}.GroupKind()))
}
