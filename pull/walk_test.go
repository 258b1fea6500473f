package pull

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// TestTheWalkEndsAtWhatWeMade shows that the controller of a managed slice's pods
// is the native one, with the slice for its maker, and not the Slice itself,
// although the native controller's owner reference leads there.
func TestTheWalkEndsAtWhatWeMade(t *testing.T) {
	controlledBy := func(apiVersion, kind, name string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: name, UID: types.UID(kind + "-uid"), Controller: ptr.To(true)}}
	}
	maker := ownership.Owner{Kind: sliceKind, Name: cache.NewObjectName("shop", "web"), UID: "Slice-uid"}
	mark := ownership.TrackingID{Owner: maker, Kind: schema.GroupKind{Group: "apps", Kind: "Deployment"}, Name: cache.NewObjectName("shop", "web")}
	owners := []metav1.PartialObjectMetadata{
		{ObjectMeta: metav1.ObjectMeta{Name: "web-1", UID: "ReplicaSet-uid", OwnerReferences: controlledBy("apps/v1", "Deployment", "web")}},
		{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "web", UID: "Deployment-uid", Annotations: map[string]string{xosv1.OwnerAnnotation: mark.String()},
			OwnerReferences: controlledBy(xosv1.SchemeGroupVersion.String(), sliceKind, "web"),
		}},
		{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "Slice-uid"}},
	}
	pod := &metav1.ObjectMeta{Namespace: "shop", Name: "web-1-a", OwnerReferences: controlledBy("apps/v1", "ReplicaSet", "web-1")}

	top, err := topController(t.Context(), pod, among(owners), anyClaim)
	require.NoError(t, err)
	require.NotNil(t, top)
	assert.Equal(t, "Deployment", top.kind)
	assert.Equal(t, maker, top.owner)

	top, err = topController(t.Context(), pod, among(owners), func(metav1.Object, ownership.Owner) bool { return false })
	require.NoError(t, err)
	require.NotNil(t, top)
	assert.Equal(t, "Deployment", top.kind, "the walk does not go on to the Slice")
	assert.Empty(t, top.owner, "a mark that the Slice does not confirm marks nothing")
}

// anyClaim confirms every mark.
func anyClaim(metav1.Object, ownership.Owner) bool { return true }
