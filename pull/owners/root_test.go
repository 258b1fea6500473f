package owners

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// TestTheWalkEndsAtWhatWeMade shows that the controller of a managed slice's pods
// is the native one, with the slice for its maker, and not the Slice itself,
// although the native controller's owner reference leads there.
func TestTheWalkEndsAtWhatWeMade(t *testing.T) {
	controlledBy := func(apiVersion, kind, name string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: name, UID: types.UID(kind + "-uid"), Controller: ptr.To(true)}}
	}
	maker := ownership.Owner{Kind: record.SliceKind, Name: cache.NewObjectName("shop", "web"), UID: "Slice-uid"}
	tracking := ownership.TrackingID{Owner: maker, Kind: schema.GroupKind{Group: "apps", Kind: "Deployment"}, Name: cache.NewObjectName("shop", "web")}
	owners := []metav1.PartialObjectMetadata{
		{ObjectMeta: metav1.ObjectMeta{Name: "web-1", UID: "ReplicaSet-uid", OwnerReferences: controlledBy("apps/v1", "Deployment", "web")}},
		{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "web", UID: "Deployment-uid", Annotations: map[string]string{xosv1.OwnerAnnotation: tracking.String()},
			OwnerReferences: controlledBy(xosv1.SchemeGroupVersion.String(), record.SliceKind, "web"),
		}},
		{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "Slice-uid"}},
	}
	pod := &metav1.ObjectMeta{Namespace: "shop", Name: "web-1-a", OwnerReferences: controlledBy("apps/v1", "ReplicaSet", "web-1")}

	top, err := FindRoot(t.Context(), pod, among(owners), anyClaim)
	require.NoError(t, err)
	require.NotNil(t, top)
	assert.Equal(t, "Deployment", top.Kind)
	assert.Equal(t, maker, top.CreatedBy)

	top, err = FindRoot(t.Context(), pod, among(owners), func(metav1.Object, ownership.Owner) bool { return false })
	require.NoError(t, err)
	require.NotNil(t, top)
	assert.Equal(t, "Deployment", top.Kind, "the walk does not go on to the Slice")
	assert.Empty(t, top.CreatedBy, "an annotation that the Slice does not confirm is ignored")
}

func TestTheWalkAlongTheOwnersEndsInACircle(t *testing.T) {
	circle := metav1.ObjectMeta{UID: "a", OwnerReferences: []metav1.OwnerReference{
		*metav1.NewControllerRef(&metav1.ObjectMeta{Name: "a", UID: "a"}, corev1.SchemeGroupVersion.WithKind("Ring")),
	}}
	reads := 0
	top, err := FindRoot(t.Context(), &circle, func(context.Context, string, metav1.OwnerReference) (metav1.Object, bool, error) {
		reads++
		return &circle, true, nil
	}, anyClaim)
	require.NoError(t, err)
	assert.Equal(t, "a", top.Name)
	assert.Equal(t, MaxOwners, reads)
}

// anyClaim confirms every claim.
func anyClaim(metav1.Object, ownership.Owner) bool { return true }
