package kinds

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	fakediscovery "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
)

// serves is a discovery client of a server whose kinds a test changes.
func serves(lists ...*metav1.APIResourceList) *fakediscovery.FakeDiscovery {
	return &fakediscovery.FakeDiscovery{Fake: &clienttesting.Fake{Resources: lists}}
}

var one = cache.NewObjectName("shop", "one")

func lamps(version string) *metav1.APIResourceList {
	return &metav1.APIResourceList{GroupVersion: "example.org/" + version, APIResources: []metav1.APIResource{
		{Name: "lamps/status", Kind: "Lamp", Namespaced: true}, {Name: "lamps", Kind: "Lamp", Namespaced: true},
	}}
}

// stepClock is a time that a test moves on.
type stepClock struct{ at time.Time }

func (c *stepClock) now() time.Time { return c.at }

func (c *stepClock) pass(d time.Duration) { c.at = c.at.Add(d) }

// knowing returns Kinds with a clock that a test advances, and the instances for which
// OnServed was called.
func knowing(client *fakediscovery.FakeDiscovery) (k *Kinds, at *stepClock, came *[]string) {
	at, came = &stepClock{time.Unix(1e9, 0)}, &[]string{}
	k = New(client)
	k.OnServed(func(name cache.ObjectName) { *came = append(*came, name.String()) })
	k.now = at.now
	return k, at, came
}

// questions counts the requests for all kinds since the last time.
func questions(client *fakediscovery.FakeDiscovery) int {
	count := 0
	for _, action := range client.Actions() {
		if action.GetResource().Resource == "group" {
			count++
		}
	}
	client.ClearActions()
	return count
}

func lampOf(version string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "example.org", Version: version, Kind: "Lamp"}
}

func TestAskFindsAKindThatCameSinceTheLastRefresh(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, _ := knowing(client)
	where := Resource{lampOf("v1").GroupVersion().WithResource("lamps"), true, true, false}
	found, err := k.Find(lampOf("v1"), one)
	require.NoError(t, err)
	assert.Equal(t, where, found, "not its subresource")
	_, err = k.Find(schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Unheard"}, one)
	require.ErrorIs(t, err, ErrUnknown)

	client.Resources = append(client.Resources, lamps("v2"))
	_, err = k.Find(lampOf("v2"), one)
	require.ErrorIs(t, err, ErrUnknown, "all was refreshed a moment ago")
	found, served, err := k.Ask(lampOf("v2"), "shop", at.now())
	require.NoError(t, err)
	assert.True(t, served)
	assert.Equal(t, Resource{lampOf("v2").GroupVersion().WithResource("lamps"), true, true, false}, found, "not its subresource")
}

func TestAskReportsAKindThatIsGone(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, _ := knowing(client)
	for _, kind := range []schema.GroupVersionKind{
		{Group: "example.org", Version: "v1", Kind: "Unheard"},
		{Group: "example.net", Version: "v1", Kind: "Lamp"},
	} {
		for range 3 {
			_, served, err := k.Ask(kind, "shop", at.now())
			require.NoError(t, err)
			assert.False(t, served, kind)
		}
		assert.Len(t, client.Actions(), 2, "the version, and the others of the group; an answer that is new enough is one for all who ask")
		at.pass(time.Second)
		_, _, err := k.Ask(kind, "shop", at.now())
		require.NoError(t, err)
		assert.Len(t, client.Actions(), 4, "what came since may be served now")
		client.ClearActions()
	}
}

func TestANamespaceHasABudgetOfSingleKindRequests(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, _ := knowing(client)
	const many = 10 * asksAtOnce
	for i := range many {
		_, served, err := k.Ask(schema.GroupVersionKind{Group: fmt.Sprintf("g%d.example.org", i), Version: "v1", Kind: "Unheard"}, "shop", at.now())
		assert.False(t, served)
		if i < asksAtOnce {
			require.NoError(t, err)
		}
		if err != nil {
			require.ErrorIs(t, err, ErrAskedEnough)
		}
	}
	assert.Less(t, len(client.Actions()), many/2)
	_, _, err := k.Ask(lampOf("v3"), "elsewhere", at.now())
	require.NoError(t, err, "another namespace has its own budget")
}

func TestDiscoveryOfAMissingKindIsSharedAndBacksOff(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, came := knowing(client)
	var asked []int
	const step = time.Second
	for range 200 {
		for blob := range 200 {
			kind := schema.GroupVersionKind{Group: fmt.Sprintf("g%d.example.org", blob), Version: "v1", Kind: "Unheard"}
			_, err := k.Find(kind, cache.NewObjectName("shop", fmt.Sprint(blob)))
			require.ErrorIs(t, err, ErrUnknown)
		}
		asked = append(asked, questions(client))
		at.pass(step)
	}
	total := 0
	for second, count := range asked {
		assert.LessOrEqual(t, count, 1, "in second %d", second)
		total += count
	}
	assert.Equal(t, 8, total, "after 0, 3, 6, 12, 24, 48, 96 and 156 seconds")
	assert.Empty(t, *came)

	client.Resources = append(client.Resources, &metav1.APIResourceList{GroupVersion: "g7.example.org/v1", APIResources: []metav1.APIResource{{Name: "unheards", Kind: "Unheard"}}})
	at.pass(LastPoll)
	_, err := k.Find(schema.GroupVersionKind{Group: "g1.example.org", Version: "v1", Kind: "Unheard"}, one)
	require.ErrorIs(t, err, ErrUnknown)
	assert.Equal(t, []string{"shop/7"}, *came, "an instance that waits for a kind is notified after any request")
}

func TestAWrittenDefinitionRestartsDiscovery(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, came := knowing(client)
	for range 100 {
		_, err := k.Find(lampOf("v2"), one)
		require.ErrorIs(t, err, ErrUnknown)
		at.pass(time.Second)
	}
	client.Resources = append(client.Resources, lamps("v2"))
	assert.Equal(t, []cache.ObjectName{one}, k.AskSoon())
	_, err := k.Find(lampOf("v2"), one)
	require.NoError(t, err)
	assert.Equal(t, []string{one.String()}, *came)
	assert.Empty(t, k.missing)
}

func TestAKindWhoseServerIsAwayStaysKnown(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, _ := knowing(client)
	_, err := k.Find(lampOf("v1"), one)
	require.NoError(t, err)
	away := &discovery.ErrGroupDiscoveryFailed{Groups: map[schema.GroupVersion]error{lampOf("v1").GroupVersion(): assert.AnError}}
	at.pass(time.Minute)
	k.learn(nil, away, lampOf("v1"))
	_, err = k.Find(lampOf("v1"), one)
	require.NoError(t, err)
	k.Invalidate(lampOf("v1"))
	_, err = k.Find(lampOf("v1"), one)
	require.ErrorIs(t, err, assert.AnError, "nor is it reported to be gone")
	k.Forget(one, nil)
	assert.Empty(t, k.missing, "who has ended waits for nothing")
}

func TestLookupRefreshesAtMostOncePerInterval(t *testing.T) {
	client := serves(lamps("v1"))
	k, at, _ := knowing(client)
	unheard := schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Unheard"}
	for range 3 {
		_, served, err := k.Lookup(unheard, time.Minute)
		require.NoError(t, err)
		assert.False(t, served)
	}
	assert.Equal(t, 1, questions(client))
	found, served, err := k.Lookup(lampOf("v1"), time.Minute)
	require.NoError(t, err)
	assert.True(t, served)
	assert.Equal(t, lampOf("v1").GroupVersion().WithResource("lamps"), found.GroupVersionResource)
	assert.Zero(t, questions(client), "a kind that is known is not asked for")
	at.pass(time.Minute)
	_, _, err = k.Lookup(unheard, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, 1, questions(client))
}

func TestAKindIsKnownToHaveAScale(t *testing.T) {
	fleets := &metav1.APIResourceList{GroupVersion: "example.org/v1", APIResources: []metav1.APIResource{
		{Name: "fleets", Kind: "Fleet", Namespaced: true}, {Name: "fleets/scale", Kind: "Scale", Namespaced: true},
	}}
	k, _, _ := knowing(serves(fleets))
	found, served, err := k.Lookup(schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Fleet"}, time.Minute)
	require.NoError(t, err)
	assert.True(t, served)
	assert.True(t, found.Scales)
	assert.False(t, found.Reports)
}
