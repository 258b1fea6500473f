package owners

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

// TestAnAnswerForAnotherNamespacesUIDIsNotReused shows that a reference to the UID
// of a controller in another namespace does not affect the answers for that controller.
func TestAnAnswerForAnotherNamespacesUIDIsNotReused(t *testing.T) {
	const uid = "theirs"
	fleet := schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Fleet"}
	forged := ownership.Mirrored{Kind: fleet, Name: cache.NewObjectName("forger", "none"), UID: uid}
	real := ownership.Mirrored{Kind: fleet, Name: cache.NewObjectName("shop", "web"), UID: uid}

	n := &Resolver{answers: utilcache.NewLRUExpireCache(10)}
	n.answers.Add(forged, (*metav1.PartialObjectMetadata)(nil), time.Minute)
	n.answers.Add(real, &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{UID: uid}}, time.Minute)
	ref := metav1.OwnerReference{APIVersion: "example.org/v1", Kind: "Fleet", Name: "web", UID: uid}
	_, found, err := n.Read(t.Context(), "shop", ref)
	require.NoError(t, err)
	assert.True(t, found)
	ref.Name = "none"
	_, found, err = n.Read(t.Context(), "forger", ref)
	require.NoError(t, err)
	assert.False(t, found)

	s := scales{answers: utilcache.NewLRUExpireCache(10)}
	s.answers.Add(forged, (*observe.Workload)(nil), time.Minute)
	s.answers.Add(real, &observe.Workload{Current: 3}, time.Minute)
	shown, _, err := s.read(t.Context(), real, kinds.Resource{})
	require.NoError(t, err)
	require.NotNil(t, shown)
	assert.Equal(t, int32(3), shown.Current)
}

// TestAnAnswerIsSmall has an owner that is as large as the API server takes it.
func TestAnAnswerIsSmall(t *testing.T) {
	const many = 10000
	large := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "sea", UID: "u", Labels: map[string]string{xosv1.SliceNameLabel: "sea"},
		Annotations: map[string]string{xosv1.OwnerAnnotation: strings.Repeat("x", many)},
	}}
	for i := range many {
		large.OwnerReferences = append(large.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: fmt.Sprint(i), UID: "o"})
	}
	controller := metav1.OwnerReference{APIVersion: "example.org/v1", Kind: "Armada", Name: "all", UID: "c", Controller: ptr.To(true)}
	large.OwnerReferences = append(large.OwnerReferences, controller)
	kept := reduced(large)
	assert.Equal(t, &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "sea", UID: "u", Labels: map[string]string{xosv1.SliceNameLabel: "sea"},
		OwnerReferences: []metav1.OwnerReference{controller},
	}}, kept)

	large.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "K", Name: strings.Repeat("x", many), UID: "c", Controller: ptr.To(true)}}
	assert.Empty(t, reduced(large).OwnerReferences, "the walk would end there")
}
