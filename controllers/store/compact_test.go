package store

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// tiny is ConfigMap x in a form for caches.
type tiny struct{ resourceVersion, color string }

func (t tiny) Object() Object               { return version(t.resourceVersion, t.color) }
func (t tiny) GetObjectMeta() metav1.Object { return version(t.resourceVersion, t.color) }

func TestAResourceShowsObjectsWhateverFormTheirCacheHas(t *testing.T) {
	r, stub := newResource()
	r.AddCounter(byColor, func(c *corev1.ConfigMap) []string { return []string{c.Labels[byColor]} })
	var added, updated, ended []*corev1.ConfigMap
	require.NoError(t, r.Watch(Handler[*corev1.ConfigMap]{
		Add:    func(o *corev1.ConfigMap, _ bool) { added = append(added, o) },
		Update: func(before, after *corev1.ConfigMap, _ bool) { updated = append(updated, before, after) },
		Delete: func(last *corev1.ConfigMap, _ bool) { ended = append(ended, last) },
	}))
	red, blue := tiny{"9", "red"}, tiny{"10", "blue"}
	require.NoError(t, stub.Indexer.Add(red))
	stub.Handlers[0].OnAdd(red, false)
	got, ok := r.Get(x)
	assert.True(t, ok)
	want := version("9", "red")
	assert.Equal(t, want, got)
	assert.Equal(t, []*corev1.ConfigMap{want}, r.ByIndex(byColor, "red"))
	assert.Equal(t, []*corev1.ConfigMap{want}, slices.Collect(r.All()))
	assert.Equal(t, 1, r.Count(byColor, "red"))

	stub.Handlers[0].OnUpdate(red, blue)
	stub.Handlers[0].OnDelete(cache.DeletedFinalStateUnknown{Key: "shop/x", Obj: blue})
	assert.Equal(t, []*corev1.ConfigMap{want}, added)
	assert.Equal(t, []*corev1.ConfigMap{want, version("10", "blue")}, updated)
	assert.Equal(t, []*corev1.ConfigMap{version("10", "blue")}, ended)
	stub.Handlers[0].OnDelete(cache.DeletedFinalStateUnknown{Key: "shop/y"})
	assert.Len(t, ended, 1, "of an object that was never seen nothing is reported")
}
