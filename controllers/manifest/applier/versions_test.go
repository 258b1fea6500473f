package applier

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	fakediscovery "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// serves is a cluster that serves these kinds, and what is known of them.
func serves(t *testing.T, lists ...*metav1.APIResourceList) (*fakediscovery.FakeDiscovery, *kinds.Kinds) {
	t.Helper()
	client := &fakediscovery.FakeDiscovery{Fake: &clienttesting.Fake{Resources: lists}}
	known := kinds.New(client)
	_, _, err := known.Lookup(schema.GroupVersionKind{}, 0)
	require.NoError(t, err)
	return client, known
}

// list is what discovery says of one kind.
func list(groupVersion, plural, kind string, namespaced bool) *metav1.APIResourceList {
	return &metav1.APIResourceList{GroupVersion: groupVersion, APIResources: []metav1.APIResource{{Name: plural, Kind: kind, Namespaced: namespaced}}}
}

func relics(version string) *metav1.APIResourceList {
	return list("example.org/"+version, "relics", "Relic", true)
}

// TestAnEntryIsLookedForWhereItsKindIsNow goes through what may have become of a kind
// since an object of it was applied, as example.org/v1alpha1 Relic shop/north.
func TestAnEntryIsLookedForWhereItsKindIsNow(t *testing.T) {
	type lists = []*metav1.APIResourceList
	first := lists{relics("v1alpha1")}
	for sentence, test := range map[string]struct {
		known, now lists
		// cluster says that the entry has no namespace.
		cluster bool
		// away says that the group's server does not answer.
		away bool
		// want is the resource, "" where the object is gone with its kind.
		want string
		err  bool
	}{
		"it is as it was":                              {known: first, now: first, want: "v1alpha1 relics"},
		"another version came":                         {known: first, now: lists{relics("v1alpha1"), relics("v1")}, want: "v1alpha1 relics"},
		"its version is not served any more":           {now: lists{relics("v1")}, want: "v1 relics"},
		"only a less stable one is left":               {now: lists{relics("v1alpha0")}, want: "v1alpha0 relics"},
		"the kind is gone from the group":              {now: lists{list("example.org/v1", "tombs", "Tomb", true)}},
		"and from its version":                         {now: lists{list("example.org/v1alpha1", "tombs", "Tomb", true)}},
		"the group is gone":                            {now: lists{list("other.org/v1", "relics", "Relic", true)}},
		"its plural is another one":                    {now: lists{list("example.org/v1alpha1", "relicts", "Relic", true)}, want: "v1alpha1 relicts"},
		"it has moved out of namespaces":               {known: first, now: lists{list("example.org/v1alpha1", "relics", "Relic", false)}, want: "v1alpha1 relics"},
		"and that is known":                            {known: lists{list("example.org/v1alpha1", "relics", "Relic", false)}, now: lists{list("example.org/v1alpha1", "relics", "Relic", false)}},
		"it has moved into namespaces":                 {known: first, now: first, cluster: true},
		"what is known of its scope is out of date":    {known: lists{list("example.org/v1alpha1", "relics", "Relic", false)}, now: first, want: "v1alpha1 relics"},
		"its server is away":                           {now: first, away: true, err: true},
		"its server is away, and it is known":          {known: first, now: first, away: true, want: "v1alpha1 relics"},
		"no other version, but another group's kind":   {now: lists{list("other.org/v1alpha1", "relics", "Relic", true)}},
		"its version is back in another plural, known": {known: first, now: lists{list("example.org/v1alpha1", "relicts", "Relic", true)}, want: "v1alpha1 relics"},
	} {
		t.Run(sentence, func(t *testing.T) {
			client, known := serves(t, test.known...)
			client.Resources = test.now // discovery is not asked for all again so soon
			if test.away {
				client.PrependReactor("get", "resource", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, assert.AnError })
			}
			p := &pass{Applier: &Applier{kinds: known}, tally: &tally{begun: time.Now(), declared: map[schema.GroupVersionKind]bool{}}, owner: ownership.Owner{Name: one}}
			id := manifest.ID{Group: "example.org", Kind: "Relic", Namespace: "shop", Name: "north"}
			if test.cluster {
				id.Namespace = ""
			}
			o, served, err := p.whereIs(schema.GroupVersionKind{Group: "example.org", Version: "v1alpha1", Kind: "Relic"}, id, "")
			assert.Equal(t, test.err, err != nil)
			assert.Equal(t, test.want != "", served)
			if served {
				assert.Equal(t, test.want, o.resource.Version+" "+o.resource.Resource)
			}
			if _, again, err := p.askFor(schema.GroupVersionKind{Group: "example.org", Version: "v1alpha1", Kind: "Relic"}, id); sentence == "it has moved out of namespaces" {
				require.NoError(t, err)
				assert.False(t, again, "no object went along")
			}
		})
	}
}

func TestAKindThatIsNotServedIsToldWithTheVersionToWrite(t *testing.T) {
	for sentence, test := range map[string]struct {
		served []*metav1.APIResourceList
		kind   schema.GroupVersionKind
		reason string
		want   string
	}{
		"another version": {[]*metav1.APIResourceList{relics("v1")}, schema.GroupVersionKind{Group: "example.org", Version: "v1alpha1", Kind: "Relic"}, xosv1.ReasonInvalid,
			"Relic a: the cluster has no kind Relic in example.org/v1alpha1, but in example.org/v1: write that as its apiVersion"},
		"the most stable one first": {[]*metav1.APIResourceList{relics("v2alpha1"), relics("v1"), relics("v2")}, schema.GroupVersionKind{Group: "example.org", Version: "v1beta1", Kind: "Relic"}, xosv1.ReasonInvalid,
			"Relic a: the cluster has no kind Relic in example.org/v1beta1, but in example.org/v2, example.org/v1, example.org/v2alpha1: write that as its apiVersion"},
		"another group": {[]*metav1.APIResourceList{list("networking.k8s.io/v1", "ingresses", "Ingress", true)}, schema.GroupVersionKind{Group: "extensions", Version: "v1beta1", Kind: "Ingress"}, xosv1.ReasonInvalid,
			"Ingress a: the cluster has no kind Ingress in extensions/v1beta1, but in networking.k8s.io/v1: write that as its apiVersion"},
		"another's kind of that name": {[]*metav1.APIResourceList{relics("v1")}, schema.GroupVersionKind{Group: "example.net", Version: "v1", Kind: "Relic"}, xosv1.ReasonFailed,
			"Relic a: the cluster has no kind Relic in example.net/v1: trying again until a definition or a server brings it"},
		"nothing like it": {[]*metav1.APIResourceList{relics("v1")}, schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Relict"}, xosv1.ReasonFailed,
			"Relict a: the cluster has no kind Relict in example.org/v1: trying again until a definition or a server brings it"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, k := serves(t, test.served...)
			_, err := k.Find(test.kind, one)
			p := &pass{Applier: &Applier{kinds: k}}
			object := &unstructured.Unstructured{}
			object.SetName("a")
			reached, _ := outcome.FromErrors(p.notServed(manifest.Document{Kind: test.kind, Object: object}, err))
			assert.Equal(t, test.reason, reached.Reason)
			assert.Equal(t, test.want, reached.Message)
		})
	}
}
