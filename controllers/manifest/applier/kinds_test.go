package applier

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	fakediscovery "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"
)

// serves is a discovery client of a server whose kinds a test changes.
func serves(lists ...*metav1.APIResourceList) *fakediscovery.FakeDiscovery {
	return &fakediscovery.FakeDiscovery{Fake: &clienttesting.Fake{Resources: lists}}
}

func lamps(version string) *metav1.APIResourceList {
	return &metav1.APIResourceList{GroupVersion: "example.org/" + version, APIResources: []metav1.APIResource{
		{Name: "lamps/status", Kind: "Lamp", Namespaced: true}, {Name: "lamps", Kind: "Lamp", Namespaced: true},
	}}
}

func TestAKindThatCameSinceTheLastRefreshIsFoundByAsking(t *testing.T) {
	client := serves(lamps("v1"))
	k := newKinds(client)
	v1 := schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Lamp"}
	at := resource{v1.GroupVersion().WithResource("lamps"), true}
	found, err := k.find(v1)
	require.NoError(t, err)
	assert.Equal(t, at, found)
	_, err = k.find(schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Unheard"})
	assert.True(t, meta.IsNoMatchError(err), "%v", err)

	client.Resources = append(client.Resources, lamps("v2"))
	v2 := schema.GroupVersionKind{Group: "example.org", Version: "v2", Kind: "Lamp"}
	_, err = k.find(v2)
	assert.True(t, meta.IsNoMatchError(err), "all was refreshed a moment ago: %v", err)
	found, served, err := k.ask(v2)
	require.NoError(t, err)
	assert.True(t, served)
	assert.Equal(t, resource{v2.GroupVersion().WithResource("lamps"), true}, found, "not its subresource")
}

func TestAKindThatIsGoneIsToldByAsking(t *testing.T) {
	client := serves(lamps("v1"))
	k := newKinds(client)
	for _, kind := range []schema.GroupVersionKind{
		{Group: "example.org", Version: "v1", Kind: "Unheard"},
		{Group: "example.org", Version: "v3", Kind: "Lamp"},
	} {
		_, served, err := k.ask(kind)
		require.NoError(t, err)
		assert.False(t, served, kind)
	}
}
