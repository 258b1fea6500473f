package reconciler

import (
	"context"
	"slices"
	"time"

	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/controllers/store"
)

// cacheWaitLogInterval is the time between two messages that a controller waits for caches.
const cacheWaitLogInterval = 10 * time.Second

// caches are all that the controller's passes may read: no object is looked at
// before they are filled, since what is missing in a half-filled cache would be
// taken for missing in the cluster. One of a kind that this controller has
// nothing to do with does not hold it up.
func (c *controller[T]) caches() []store.Cache {
	all := append(slices.Clone(c.opts.Shared), c.kind.Resource)
	for _, ref := range c.kind.References {
		if ref.referents != nil {
			all = append(all, ref.referents)
		}
	}
	for _, owned := range c.kind.Owns {
		all = append(all, owned)
	}
	return all
}

// fill waits until caches are filled; false where the context ends first. It says
// for which ones it waits, every so often. Why the server does not let one be
// filled is in the messages of client-go's reflector.
func fill(ctx context.Context, caches []store.Cache, every time.Duration) bool {
	for ctx.Err() == nil {
		if fillWithin(ctx, caches, every) {
			return true
		}
		if left := store.Unfilled(caches); len(left) > 0 && ctx.Err() == nil {
			klog.FromContext(ctx).Info("Nothing of this kind is worked on before these caches are filled; their own messages say what keeps them", "caches", left)
		}
	}
	return false
}

func fillWithin(ctx context.Context, caches []store.Cache, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return cache.WaitForCacheSync(ctx.Done(), func() bool { return len(store.Unfilled(caches)) == 0 })
}
