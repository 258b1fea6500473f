package store

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// A definition may be served when the informer starts, and end right after.
func TestAKindIsAbsentWhileTheServerDoesNotKnowItAndNoLonger(t *testing.T) {
	const waitTimeout, tick = 30 * time.Second, 10 * time.Millisecond
	var gone atomic.Bool
	watches := make(chan *watch.FakeWatcher, 10)
	missing := apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, "")
	version := "1"
	lists := &cache.ListWatch{
		ListWithContextFunc: func(context.Context, metav1.ListOptions) (runtime.Object, error) {
			if gone.Load() {
				return nil, missing
			}
			return &corev1.ConfigMapList{ListMeta: metav1.ListMeta{ResourceVersion: version}}, nil
		},
		WatchFuncWithContext: func(context.Context, metav1.ListOptions) (watch.Interface, error) {
			if gone.Load() {
				return nil, missing
			}
			w := watch.NewFake()
			watches <- w
			return w, nil
		},
	}
	informer := cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(lists, unsupported{}), &corev1.ConfigMap{}, 0, nil)
	r := NewResource[*corev1.ConfigMap](corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", informer)
	require.NoError(t, r.absent.watch(informer))
	require.False(t, r.Absent(), "nothing is known yet")
	go informer.RunWithContext(t.Context())
	require.Eventually(t, informer.HasSynced, waitTimeout, tick)
	require.False(t, r.Absent())

	w := <-watches
	gone.Store(true)
	w.Stop()
	require.Eventually(t, r.Absent, waitTimeout, tick)
	require.True(t, r.HasSynced())

	version = "2"
	gone.Store(false)
	require.Eventually(t, func() bool { return !r.Absent() }, waitTimeout, tick)
}

// unsupported shows that the lists are plain ones.
type unsupported struct{}

func (unsupported) IsWatchListSemanticsUnSupported() bool { return true }
