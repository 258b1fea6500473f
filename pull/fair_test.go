package pull

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

func TestNamespacesTakeTurns(t *testing.T) {
	queue := newQueue("test", clock.RealClock{}, func(o cache.ObjectName) string { return o.Namespace })
	t.Cleanup(queue.ShutDown)
	for i := range 100 {
		queue.Add(cache.NewObjectName("crowded", fmt.Sprint(i)))
	}
	queue.Add(cache.NewObjectName("quiet", "one"))
	var turns []string
	for range 2 {
		name, _ := queue.Get()
		turns = append(turns, name.Namespace)
	}
	assert.Contains(t, turns, "quiet")
}

// TestWhatIsSaidOfAUIDInAnotherNamespaceIsNotKeptForThisOne shows that who names the
// UID of another's controller does not keep that one's answers back.
func TestWhatIsSaidOfAUIDInAnotherNamespaceIsNotKeptForThisOne(t *testing.T) {
	const uid = "theirs"
	fleet := schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Fleet"}
	forged := ownership.Mirrored{Kind: fleet, Name: cache.NewObjectName("forger", "none"), UID: uid}
	real := ownership.Mirrored{Kind: fleet, Name: cache.NewObjectName("shop", "web"), UID: uid}

	n := &natives{answers: utilcache.NewLRUExpireCache(10)}
	n.answers.Add(forged, (*metav1.PartialObjectMetadata)(nil), time.Minute)
	n.answers.Add(real, &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{UID: uid}}, time.Minute)
	ref := metav1.OwnerReference{APIVersion: "example.org/v1", Kind: "Fleet", Name: "web", UID: uid}
	_, found, err := n.read(t.Context(), "shop", ref)
	require.NoError(t, err)
	assert.True(t, found)
	ref.Name = "none"
	_, found, err = n.read(t.Context(), "forger", ref)
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

func TestARecordThatCantBeDecodedIsReported(t *testing.T) {
	good, bad := &xosv1.KubernetesServiceInstance{}, &xosv1.KubernetesServiceInstance{}
	bad.Status.Undecodable = "spec.ports[0].containerPort is not a value of type int32"
	assert.Equal(t, status.Inventoried(false), unlessUndecodable(good, status.Inventoried(false)))
	reported := unlessUndecodable(bad, status.Inventoried(false))
	assert.Equal(t, xosv1.ReasonInvalid, reported.Reason)
	assert.Contains(t, reported.Message, "containerPort")
}

func TestThePathOfANamespaceIsNotInIt(t *testing.T) {
	assert.Equal(t, "shop", namespaceOf("/apis/apps/v1/namespaces/shop/deployments/web"))
	assert.Empty(t, namespaceOf("/api/v1/namespaces/shop"))
	assert.Empty(t, namespaceOf(""))
}

func TestAnImageOfNoTextIsTakenApart(t *testing.T) {
	ref, ok := parseImage("app\xff:v1")
	assert.True(t, ok)
	assert.Equal(t, imageRef{Name: "app\uFFFD", Tag: "v1"}, ref, "as the API server gives it back")
}
