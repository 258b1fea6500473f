package cluster

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

func TestANamespaceBelongsToTheOwnerThatItsAnnotationNames(t *testing.T) {
	c, err := New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	_, found := c.Namespace("shop")
	assert.False(t, found)

	team := map[string]string{"tenant": "team"}
	for tracking, want := range map[string]trustdomain.Namespace{
		"":                                       {Labels: team},
		"TrustDomain//shop/uid/Namespace//shop":  {Labels: team, Owner: "uid"},
		"TrustDomain//shop/uid/Namespace//other": {Labels: team}, // copied from another
		"TrustDomain//shop/uid/Secret//shop":     {Labels: team},
	} {
		n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", ResourceVersion: "1", Labels: team}}
		n.Annotations = map[string]string{xosv1.OwnerAnnotation: tracking}
		c.Namespaces.ObserveWrite(store.ReconcilerWriter, n)
		got, found := c.Namespace("shop")
		assert.True(t, found)
		assert.Equal(t, want, got, tracking)
	}
	c.Namespaces.ObserveWrite(store.ReconcilerWriter, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", ResourceVersion: "2", DeletionTimestamp: ptr.To(metav1.Now())}})
	got, _ := c.Namespace("shop")
	assert.True(t, got.Terminating)
}
