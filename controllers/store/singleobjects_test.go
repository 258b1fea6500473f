package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	cachetesting "k8s.io/client-go/tools/cache/testing"
)

// newSources watches what the source offers, and sends the names that changed.
func newSources(t *testing.T, offered *cachetesting.FakeControllerSource) (*SingleObjects[*corev1.Secret], <-chan string) {
	t.Helper()
	s := NewSingleObjects[*corev1.Secret](func(string, func(*metav1.ListOptions)) cache.SharedIndexInformer {
		return cache.NewSharedIndexInformer(offered, &corev1.Secret{}, 0, cache.Indexers{})
	})
	t.Cleanup(s.Stop)
	changed := make(chan string, 100)
	s.changed = func(name string) { changed <- name }
	return s, changed
}

func TestASourceIsReadFromTheFirstFollowerToTheLast(t *testing.T) {
	offered := cachetesting.NewFakeControllerSource()
	offered.Add(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "s"}})
	s, changed := newSources(t, offered)
	key := cache.NewObjectName("shop", "s")
	one, two := cache.NewObjectName("shop", "one"), cache.NewObjectName("shop", "two")

	_, _, err := s.Get(key)
	require.ErrorIs(t, err, ErrNotRead, "nobody follows it")
	s.Subscribe(one, []string{"shop/s"})
	s.Subscribe(two, []string{"shop/s", "shop/s", "not/a/key"})
	assert.Equal(t, "shop/s", <-changed)
	require.Eventually(t, func() bool { _, found, err := s.Get(key); return found && err == nil }, time.Minute, time.Millisecond)
	assert.Len(t, s.informers.active, 1)

	s.Subscribe(one, nil)
	_, found, err := s.Get(key)
	assert.NoError(t, err)
	assert.True(t, found, "the other one still follows it")
	s.Subscribe(two, []string{"shop/t"})
	_, _, err = s.Get(key)
	assert.ErrorIs(t, err, ErrNotRead)
	assert.Len(t, s.informers.active, 1, "the one that is followed instead")
	s.Subscribe(two, nil)
	assert.Empty(t, s.informers.active)
	assert.Empty(t, s.following)
}

// TestANamespaceHasAsManySourcesAsItMay shows that what is beyond the limit is not
// watched, that another namespace does not care, and that a place that becomes free is
// given on.
func TestANamespaceHasAsManySourcesAsItMay(t *testing.T) {
	s, changed := newSources(t, cachetesting.NewFakeControllerSource())
	var all []string
	for i := range MaxSingleObjects {
		all = append(all, fmt.Sprintf("shop/s-%d", i))
	}
	one, two, three := cache.NewObjectName("shop", "one"), cache.NewObjectName("shop", "two"), cache.NewObjectName("shop", "three")
	s.Subscribe(one, all)
	for range all {
		<-changed
	}
	s.Subscribe(two, []string{"shop/more", "elsewhere/s"})
	s.Subscribe(three, []string{"shop/least"})
	assert.Equal(t, "elsewhere/s", <-changed)
	_, _, err := s.Get(cache.NewObjectName("shop", "more"))
	require.ErrorIs(t, err, ErrTooManySingleObjects)
	s.Subscribe(three, nil)

	s.Subscribe(one, all[1:])
	assert.Equal(t, "shop/more", <-changed, "it has the place now")
	_, _, err = s.Get(cache.NewObjectName("shop", "more"))
	require.NoError(t, err)
	s.Subscribe(two, nil)
	s.Subscribe(one, nil)
	assert.Empty(t, s.informers.active)
	assert.Empty(t, s.waiting)
	assert.Empty(t, s.informers.counts)
}

func TestAMissingSourceIsReported(t *testing.T) {
	s, changed := newSources(t, cachetesting.NewFakeControllerSource())
	s.Subscribe(cache.NewObjectName("shop", "one"), []string{"shop/s"})
	assert.Equal(t, "shop/s", <-changed)
	_, found, err := s.Get(cache.NewObjectName("shop", "s"))
	assert.NoError(t, err)
	assert.False(t, found)
}
