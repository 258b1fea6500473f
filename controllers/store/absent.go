package store

import (
	"context"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
)

// absence notes that a kind is not served at all. The cache of such a kind counts as
// filled, with nothing: where the definition of one custom resource was deleted, the
// objects of the others can still be cleaned up, which their own definitions wait for.
//
// Nothing is lost by a mistake: an object that refers to one which is missing waits,
// and what was made for it stays.
type absence struct {
	// noted is the version up to which the cache had seen the kind when the server did
	// not know it any more; nil where it always has.
	noted atomic.Pointer[string]
}

// watch has a reflector's errors noted, beside what is done about them otherwise. The
// informer must not run yet.
func (a *absence) watch(informer cache.SharedInformer) error {
	return informer.SetWatchErrorHandlerWithContext(func(ctx context.Context, r *cache.Reflector, err error) {
		if apierrors.IsNotFound(err) {
			a.noted.Store(new(informer.LastSyncResourceVersion()))
		}
		cache.DefaultWatchErrorHandler(ctx, r, err)
	})
}

// Absent returns whether the API server does not serve the kind, so that there can be
// nothing: whether it never has since the informer was started, or does not any more. A
// kind that comes back is seen by the version of its next list.
func (r *Resource[O]) Absent() bool {
	noted := r.absent.noted.Load()
	return noted != nil && *noted == r.informer.LastSyncResourceVersion()
}
