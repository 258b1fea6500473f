// Package cluster reads a user's cluster, as the kubeconfig and its flags say.
package cluster

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/audit"
)

// Reader reads the objects that an audit compares.
type Reader struct{ *Connection }

// NewReader returns a reader of a cluster.
func NewReader(config *rest.Config) (*Reader, error) {
	c, err := Connect(config)
	if err != nil {
		return nil, err
	}
	return &Reader{c}, nil
}

// Objects lists all objects that an audit compares.
func (r *Reader) Objects(ctx context.Context) (*audit.Objects, error) {
	var o audit.Objects
	native, custom := r.Native.CoreV1(), r.XOS.XosV1()
	for _, list := range []func() error{
		func() error { return each(ctx, "namespaces", native.Namespaces().List, &o.Namespaces) },
		func() error {
			return each(ctx, "kubernetesservices", custom.KubernetesServices().List, &o.Services)
		},
		func() error { return each(ctx, "nodes", native.Nodes().List, &o.Nodes) },
		func() error { return each(ctx, "images", custom.Images().List, &o.Images) },
		func() error { return each(ctx, "trustdomains", custom.TrustDomains().List, &o.TrustDomains) },
		func() error { return each(ctx, "principals", custom.Principals("").List, &o.Principals) },
		func() error { return each(ctx, "slices", custom.Slices("").List, &o.Slices) },
		func() error {
			return each(ctx, "kubernetesserviceinstances", custom.KubernetesServiceInstances("").List, &o.Instances)
		},
		func() error { return each(ctx, "pods", native.Pods("").List, &o.Pods) },
	} {
		if err := list(); err != nil {
			return nil, err
		}
	}
	return &o, nil
}

// each adds the objects of a resource, which are listed page by page.
func each[O metav1.Object, L runtime.Object](ctx context.Context, resource string, list func(context.Context, metav1.ListOptions) (L, error), into *audit.Named[O]) error {
	pages := pager.New(func(ctx context.Context, opts metav1.ListOptions) (runtime.Object, error) { return list(ctx, opts) })
	err := pages.EachListItem(ctx, metav1.ListOptions{}, func(item runtime.Object) error {
		object, ok := item.(O)
		if !ok {
			return fmt.Errorf("%T in a list of them", item)
		}
		into.Add(object)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", resource, err)
	}
	return nil
}
