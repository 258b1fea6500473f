package ownership

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// mirroring is an object of namespace "shop" whose annotation says what it inventories.
func mirroring(value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "x", Annotations: map[string]string{xosv1.MirrorsAnnotation: value},
	}}
}

func TestAMirroredObjectIsReadBackAsItWasWritten(t *testing.T) {
	for value, m := range map[string]Mirrored{
		"Deployment.v1.apps/shop/web/u1": {
			Kind: schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, Name: cache.NewObjectName("shop", "web"), UID: "u1",
		},
		"Fleet.v1.test.example.org/shop/sea/u2": {
			Kind: schema.GroupVersionKind{Group: "test.example.org", Version: "v1", Kind: "Fleet"}, Name: cache.NewObjectName("shop", "sea"), UID: "u2",
		},
		"Namespace.v1//shop/u3":           {Kind: schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, Name: cache.NewObjectName("", "shop"), UID: "u3"},
		"ServiceAccount.v1/shop/default/": {Kind: schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}, Name: cache.NewObjectName("shop", "default")},
	} {
		t.Run(value, func(t *testing.T) {
			assert.Equal(t, value, m.String())
			got, ok := MirroredBy(mirroring(value))
			assert.True(t, ok)
			assert.Equal(t, m, got)
		})
	}
}

func TestAForgedAnnotationNamesNothingMirrored(t *testing.T) {
	for _, value := range []string{"", "x", "Pod", "Pod/shop/web/u1", ".v1/shop/web/u1", "Pod.v1/shop//u1", "Pod.v1/web/u1", "Pod.v1/shop/web/u1/more", "///", "Pod.v1/else/web/u1", "Pod.v1/shop/../u1", "Pod.v1/shop/./u1", "Pod.v1/shop/%2e%2e/u1"} {
		t.Run(value, func(t *testing.T) {
			_, ok := MirroredBy(mirroring(value))
			assert.False(t, ok)
		})
	}
}

func TestOneThatCameAfterAnotherHasItsKindAndName(t *testing.T) {
	read := func(value string) Mirrored {
		m, ok := MirroredBy(mirroring(value))
		assert.True(t, ok, value)
		return m
	}
	first := read("Deployment.v1.apps/shop/web/u1")
	for value, same := range map[string]bool{
		"Deployment.v1.apps/shop/web/u1":        true,
		"Deployment.v1.apps/shop/web/u2":        true,
		"Deployment.v1beta1.apps/shop/web/u1":   true,
		"StatefulSet.v1.apps/shop/web/u2":       false,
		"Deployment.v1.example.com/shop/web/u2": false,
		"Deployment.v1.apps/shop/web-2/u2":      false,
	} {
		assert.Equal(t, same, first.SameName(read(value)), value)
	}
}

func TestARecordIdentifiesOnlyWhatAnObjectMayBeCalled(t *testing.T) {
	pod := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	for sentence, m := range map[string]Mirrored{
		"a path as a name":              {Kind: pod, Name: cache.NewObjectName("shop", "../../victim/pods/web"), UID: "u"},
		"the place above as a name":     {Kind: pod, Name: cache.NewObjectName("shop", ".."), UID: "u"},
		"the list itself as a name":     {Kind: pod, Name: cache.NewObjectName("shop", "."), UID: "u"},
		"an escaped path as a name":     {Kind: pod, Name: cache.NewObjectName("shop", "%2e%2e"), UID: "u"},
		"a UID with a slash":            {Kind: pod, Name: cache.NewObjectName("shop", "web"), UID: "u/v"},
		"a kind that is read otherwise": {Kind: schema.GroupVersionKind{Version: "v1", Kind: "a.b"}, Name: cache.NewObjectName("shop", "web"), UID: "u"},
	} {
		assert.False(t, m.Recordable(), sentence)
	}
	assert.True(t, Mirrored{Kind: pod, Name: cache.NewObjectName("shop", "web"), UID: "u"}.Recordable())
}
