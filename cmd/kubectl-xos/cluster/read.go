package cluster

import (
	"context"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// parallelLists is how many lists are read at a time.
const parallelLists = 5

// Read returns the objects of resources in a namespace, or in all where it is empty, and
// those of cluster-scoped resources. Lists are read in pages of 500, which is the pager's
// default. What the user may not list, or the cluster does not serve, is the snapshot's Unread.
func (c *Connection) Read(ctx context.Context, namespace string, resources ...Resource) (*snapshot.Snapshot, error) {
	parts, errs := make([]snapshot.Snapshot, len(resources)), make([]error, len(resources))
	slots := make(chan struct{}, parallelLists)
	var all sync.WaitGroup
	for i, r := range resources {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			parts[i], errs[i] = c.list(ctx, namespace, r)
		})
	}
	all.Wait()
	whole := &snapshot.Snapshot{}
	for i, part := range parts {
		if errs[i] != nil {
			return nil, errs[i]
		}
		whole.Add(&part)
	}
	return whole, nil
}

// list reads a resource in pages.
func (c *Connection) list(ctx context.Context, namespace string, r Resource) (snapshot.Snapshot, error) {
	var s snapshot.Snapshot
	pages := pager.New(func(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) {
		return c.page(ctx, namespace, r, opts)
	})
	err := pages.EachListItem(ctx, metav1.ListOptions{}, func(item runtime.Object) error {
		o, ok := item.(snapshot.Object)
		if !ok {
			return fmt.Errorf("%T in it is no object", item)
		}
		o.GetObjectKind().SetGroupVersionKind(r.GroupVersionKind()) // which lists leave out
		s.Objects = append(s.Objects, o)
		return nil
	})
	if err != nil {
		s.Objects = nil
		s.Unread, err = unread(namespace, r, err)
	}
	return s, err
}

func (c *Connection) page(ctx context.Context, namespace string, r Resource, opts metav1.ListOptions) (runtime.Object, error) {
	inNamespace := r.Namespaced && namespace != ""
	return c.client(r.GroupVersion()).Get().NamespaceIfScoped(namespace, inNamespace).Resource(r.Resource).VersionedParams(&opts, metav1.ParameterCodec).Do(ctx).Get()
}

// unread returns why a resource can't be read; the error, where it is another one.
func unread(namespace string, r Resource, err error) ([]snapshot.Unread, error) {
	if !r.Namespaced {
		namespace = ""
	}
	u := snapshot.Unread{Resource: r.GroupResource().String(), Namespace: namespace, Namespaced: r.Namespaced}
	switch {
	case apierrors.IsForbidden(err):
		u.Why = snapshot.Forbidden
	case apierrors.IsNotFound(err):
		u.Why = snapshot.NotServed
	default:
		return nil, fmt.Errorf("list %s: %w", u.Resource, err)
	}
	return []snapshot.Unread{u}, nil
}

// Namespaces returns the names of the namespaces.
func (c *Connection) Namespaces(ctx context.Context) ([]string, error) {
	list, err := c.Native.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names, nil
}
