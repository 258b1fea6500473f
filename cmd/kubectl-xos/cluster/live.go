package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Source is read for what a command shows: a Connection lists it anew each time, and a Live has it in
// memory.
type Source interface {
	Read(ctx context.Context, namespace string, resources ...Resource) (*snapshot.Snapshot, error)
}

// Live reads by watches. They are started when a resource is read for the first time, and end
// with that context. One goroutine at a time may read.
type Live struct {
	connection *Connection
	// changed has a value after a change.
	changed chan struct{}

	watching map[part]*watched

	mu  sync.Mutex
	err error // which ends it
}

// part is a resource in a namespace.
type part struct {
	Resource
	namespace string
}

// watched is what is known of a part.
type watched struct {
	// informer is nil where it can't be read, as unread then says.
	informer cache.SharedIndexInformer
	unread   []snapshot.Unread
}

// Live returns a reader that follows the cluster.
func (c *Connection) Live() *Live {
	return &Live{connection: c, changed: make(chan struct{}, 1), watching: map[part]*watched{}}
}

// Changed returns the channel that has a value after a change of what was read.
func (l *Live) Changed() <-chan struct{} { return l.changed }

func (l *Live) change() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// Read implements Source.
func (l *Live) Read(ctx context.Context, namespace string, resources ...Resource) (*snapshot.Snapshot, error) {
	var all []*watched
	for _, r := range resources {
		p := part{r, namespace}
		if !r.Namespaced {
			p.namespace = ""
		}
		w, err := l.watch(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	whole := &snapshot.Snapshot{}
	for _, w := range all {
		whole.Unread = append(whole.Unread, w.unread...)
		if w.informer == nil {
			continue
		}
		if !cache.WaitForCacheSync(ctx.Done(), func() bool { return w.informer.HasSynced() || l.failure() != nil }) {
			return nil, ctx.Err()
		}
		for _, item := range w.informer.GetStore().List() {
			if o, ok := item.(snapshot.Object); ok {
				whole.Objects = append(whole.Objects, o)
			}
		}
	}
	slices.SortStableFunc(whole.Objects, func(a, b snapshot.Object) int { return snapshot.RefOf(a).Compare(snapshot.RefOf(b)) })
	return whole, l.failure()
}

// watch starts to watch a part, unless it is watched already or can't be read.
func (l *Live) watch(ctx context.Context, p part) (*watched, error) {
	if w, ok := l.watching[p]; ok {
		return w, nil
	}
	// An informer tries forever what will never do, so it is tried once before.
	w := &watched{}
	if _, err := l.connection.page(ctx, p.namespace, p.Resource, metav1.ListOptions{Limit: 1}); err != nil {
		if w.unread, err = unread(p.namespace, p.Resource, err); err != nil {
			return nil, err
		}
		l.watching[p] = w
		return w, nil
	}
	l.watching[p] = w
	source := cache.NewListWatchFromClient(l.connection.client(p.GroupVersion()), p.Resource.Resource, p.namespace, fields.Everything())
	w.informer = cache.NewSharedIndexInformer(source, nil, 0, nil)
	if err := l.configure(w.informer, p); err != nil {
		return nil, err
	}
	go w.informer.RunWithContext(ctx)
	return w, nil
}

func (l *Live) configure(informer cache.SharedIndexInformer, p part) error {
	err := informer.SetTransform(func(item any) (any, error) {
		if o, ok := item.(snapshot.Object); ok {
			o.GetObjectKind().SetGroupVersionKind(p.GroupVersionKind())
			o.SetManagedFields(nil)
		}
		return item, nil
	})
	if err != nil {
		return err
	}
	// It retries, and what it has stays as it was meanwhile, unless the user may not watch.
	err = informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if apierrors.IsForbidden(err) {
			l.fail(fmt.Errorf("watch %s: %w", p.GroupResource(), err))
		}
	})
	if err != nil {
		return err
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { l.change() },
		UpdateFunc: func(any, any) { l.change() },
		DeleteFunc: func(any) { l.change() },
	})
	return err
}

func (l *Live) fail(err error) {
	l.mu.Lock()
	l.err = err
	l.mu.Unlock()
	l.change()
}

func (l *Live) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
