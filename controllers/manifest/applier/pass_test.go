package applier

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// passing is a pass over resource instance shop/one as an account whose cluster
// holds these objects.
func passing(objects ...runtime.Object) (*pass, *dynamicfake.FakeDynamicClient) {
	client := dynamicfake.NewSimpleDynamicClient(runtime.NewScheme(), objects...)
	p := &pass{
		tally: &tally{written: map[manifest.ID]bool{}, holds: map[manifest.ID]string{}}, seen: newObjectCache(), objects: store.NewObjects(client, ""),
		owner:   ownership.Owner{Kind: Kind, Name: one, UID: "owner"},
		account: xosv1.AppliedAs{Namespace: "shop", Name: "worker"},
	}
	return p, client
}

var lampResource = schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "lamps"}

func TestAConflictOverADeletionIsNoProofOfIt(t *testing.T) {
	conflict := apierrors.NewConflict(lampResource.GroupResource(), hall.Name, assert.AnError)
	for sentence, test := range map[string]struct {
		there []runtime.Object
		gone  bool
		state outcome.State
	}{
		"the object is still there":          {[]runtime.Object{lamp("u", "7")}, false, outcome.Retrying},
		"another one has taken its name":     {[]runtime.Object{lamp("v", "7")}, true, outcome.Ready},
		"nothing of that name is there then": {nil, true, outcome.Ready},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, client := passing(test.there...)
			client.PrependReactor("delete", "lamps", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, conflict })
			gone, err := p.delete(t.Context(), object{id: hall, resource: lampResource}, "u")
			assert.Equal(t, test.gone, gone)
			reached, _ := outcome.FromErrors(err)
			assert.Equal(t, test.state, reached.State, reached.Message)
			assert.False(t, p.seen.deleted("u"), "and it is not taken for deleted")
		})
	}
}

func TestAPanicOverOneObjectIsThatObjectsFailure(t *testing.T) {
	p, _ := passing() // with no watches, kinds and place: whatever it does is a panic
	_, err := p.guarded(t.Context(), target{object: object{id: hall, resource: lampResource}}, xosv1.InventoryEntry{})
	require.ErrorContains(t, err, "Lamp shop/hall")
	reached, _ := outcome.FromErrors(err)
	assert.Equal(t, outcome.Retrying, reached.State)

	left, errs := p.clear(t.Context(), []xosv1.InventoryEntry{
		{APIVersion: "example.org/v1", Kind: "Lamp", Namespace: "shop", Name: "hall"},
		{APIVersion: "example.org/v1", Kind: "Lamp", Namespace: "elsewhere", Name: "hall"}, // not where we place anything
	}, xosv1.DeletionPolicyDelete, false)
	require.Len(t, errs, 1)
	require.Len(t, left, 1, "the other is seen to")
	assert.Equal(t, hall, left[0].ID)
}

func TestOnlyWhatNamesItselfAndUsIsReleased(t *testing.T) {
	with := func(mark string) *unstructured.Unstructured {
		o := lamp("u", "7")
		o.SetAnnotations(map[string]string{xosv1.OwnerAnnotation: mark})
		return o
	}
	ours := ownership.TrackingID{Owner: ownership.Owner{Kind: Kind, Name: one, UID: "owner"}, Kind: hall.GroupKind(), Name: one}
	ours.Name.Name = hall.Name
	copied := ours
	copied.Name.Name = "kitchen"
	anothers := ours
	anothers.Owner.UID = "earlier"
	for sentence, test := range map[string]struct {
		mark string
		uid  types.UID
		want bool
	}{
		"ours":                           {ours.String(), "", true},
		"ours, the one on record":        {ours.String(), "u", true},
		"ours, not the one on record":    {ours.String(), "v", false},
		"a copy of ours":                 {copied.String(), "", false},
		"an earlier one's of our name":   {anothers.String(), "", false},
		"nobody's, whatever is recorded": {"", "u", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, client := passing(with(test.mark))
			gone, err := p.release(t.Context(), object{id: hall, resource: lampResource}, test.uid)
			require.NoError(t, err)
			assert.True(t, gone, "nothing is left to do either way")
			patched := false
			for _, action := range client.Actions() {
				patched = patched || action.GetVerb() == "patch"
			}
			assert.Equal(t, test.want, patched)
		})
	}
}
