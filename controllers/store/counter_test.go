package store

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
)

func colors(c *corev1.ConfigMap) []string {
	if c.Labels[byColor] == "" {
		panic("no color")
	}
	return []string{c.Labels[byColor], "any", "any"}
}

func TestCountFollowsTheEvents(t *testing.T) {
	named := func(name, color string) *corev1.ConfigMap {
		o := version("1", color)
		o.Name = name
		return o
	}
	for sentence, test := range map[string]struct {
		events func(cache.ResourceEventHandler)
		want   map[string]int
	}{
		"nothing": {func(cache.ResourceEventHandler) {}, map[string]int{}},
		"one":     {func(h cache.ResourceEventHandler) { h.OnAdd(named("x", "red"), true) }, map[string]int{"red": 1, "any": 1}},
		"a change": {func(h cache.ResourceEventHandler) {
			h.OnAdd(named("x", "red"), true)
			h.OnUpdate(named("x", "red"), named("x", "blue"))
		}, map[string]int{"blue": 1, "any": 1}},
		"a resync": {func(h cache.ResourceEventHandler) {
			h.OnAdd(named("x", "red"), true)
			h.OnUpdate(named("x", "red"), named("x", "red"))
		}, map[string]int{"red": 1, "any": 1}},
		"an end": {func(h cache.ResourceEventHandler) {
			h.OnAdd(named("x", "red"), true)
			h.OnAdd(named("y", "red"), true)
			h.OnDelete(named("x", "red"))
		}, map[string]int{"red": 1, "any": 1}},
		"a missed end": {func(h cache.ResourceEventHandler) {
			h.OnAdd(named("x", "red"), true)
			h.OnDelete(cache.DeletedFinalStateUnknown{Obj: named("x", "red")})
		}, map[string]int{}},
		"a panic": {func(h cache.ResourceEventHandler) { h.OnAdd(named("x", ""), true); h.OnAdd(named("y", "red"), true) }, map[string]int{"red": 1, "any": 1}},
		"after a panic": {func(h cache.ResourceEventHandler) {
			h.OnAdd(named("x", ""), true)
			h.OnUpdate(named("x", ""), named("x", "red"))
			h.OnUpdate(named("x", "red"), named("x", ""))
		}, map[string]int{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			r, stub := newResource()
			r.AddCounter(byColor, colors)
			require.Len(t, stub.Handlers, 1)
			test.events(stub.Handlers[0])
			assert.Equal(t, test.want, r.counters[byColor].counts, "values that nothing has are forgotten")
			for color, n := range test.want {
				assert.Equal(t, n, r.Count(byColor, color))
			}
			assert.Zero(t, r.Count(byColor, "green"))
		})
	}
	r, _ := newResource()
	assert.Panics(t, func() { r.Count(byColor, "red") })
}

// A handler of an event reconciles by the count.
func TestAnEventIsCountedBeforeHandlersReceiveIt(t *testing.T) {
	r, stub := newResource()
	var seen []int
	require.NoError(t, r.Watch(Handler[*corev1.ConfigMap]{
		Add:    func(*corev1.ConfigMap, bool) { seen = append(seen, r.Count(byColor, "red")) },
		Delete: func(*corev1.ConfigMap, bool) { seen = append(seen, r.Count(byColor, "red")) },
	}))
	r.AddCounter(byColor, colors)
	stub.Show(version("1", "red"), false)
	stub.Show(version("1", "red"), true)
	assert.Equal(t, []int{1, 0}, seen)
}

// A pass that ran before all was counted would report too few, and then the rest.
func TestACacheIsNotFilledBeforeItsObjectsAreCounted(t *testing.T) {
	const waitTimeout, tick = 30 * time.Second, 10 * time.Millisecond
	client := fake.NewClientset(runtime.Object(version("1", "red")))
	informer := informers.NewSharedInformerFactory(client, 0).Core().V1().ConfigMaps().Informer()
	r := NewResource[*corev1.ConfigMap](corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", informer)
	received, goOn := make(chan struct{}), make(chan struct{})
	require.NoError(t, r.Watch(Handler[*corev1.ConfigMap]{Add: func(*corev1.ConfigMap, bool) { close(received); <-goOn }}))
	r.AddCounter(byColor, colors)
	go informer.RunWithContext(t.Context())
	<-received
	require.Eventually(t, informer.HasSynced, waitTimeout, tick)
	assert.False(t, r.HasSynced(), "an event of the first list is still being handled")
	close(goOn)
	require.Eventually(t, r.HasSynced, waitTimeout, tick)
	assert.Equal(t, 1, r.Count(byColor, "red"))
}

// BenchmarkCount compares what a count of 100,000 objects costs, as each scrape asks
// for, with that of the list that an index makes.
func BenchmarkCount(b *testing.B) {
	const many = 100_000
	r, stub := newResource()
	r.AddCounter(byColor, colors)
	for i := range many {
		o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: fmt.Sprint("x", i), ResourceVersion: strconv.Itoa(i + 1), Labels: map[string]string{byColor: "red"},
		}}
		_ = stub.Indexer.Add(o)
		stub.Handlers[0].OnAdd(o, true)
	}
	b.Run("counter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if r.Count(byColor, "red") != many {
				b.Fatal("all are red")
			}
		}
	})
	b.Run("index", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(r.ByIndex(byColor, "red")) != many {
				b.Fatal("all are red")
			}
		}
	})
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		before, after := version("1", "red"), version("2", "blue")
		for b.Loop() {
			stub.Handlers[0].OnUpdate(before, after)
			stub.Handlers[0].OnUpdate(after, before)
		}
	})
}
