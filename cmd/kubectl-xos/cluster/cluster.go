// Package cluster reads a user's cluster, as the kubeconfig and its flags say.
package cluster

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/pager"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/audit"
	"xos.opencord.org/kubernetes-service/controllers/customclient"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

// Flags choose a cluster, as kubectl's flags of these names do.
type Flags struct{ Kubeconfig, Context string }

// Add adds the flags.
func (f *Flags) Add(fs *pflag.FlagSet) {
	fs.StringVar(&f.Kubeconfig, "kubeconfig", "", "Path of a kubeconfig. Left out, $KUBECONFIG counts, then ~/.kube/config.")
	fs.StringVar(&f.Context, "context", "", "Context of the kubeconfig. Left out, the current one.")
}

// Config returns the configuration of the cluster's clients.
func (f *Flags) Config() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.Kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: f.Context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig (--kubeconfig, --context): %w", err)
	}
	// The inventory is listed in many pages, one after the other: the server's own fairness
	// bounds that better than a client's guess.
	config.QPS = -1
	return config, nil
}

// Reader reads the objects that an audit compares.
type Reader struct {
	kubernetes kubernetes.Interface
	xos        versioned.Interface
}

// NewReader returns a reader of a cluster.
func NewReader(config *rest.Config) (*Reader, error) {
	native, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	custom, err := customclient.New(config) // one object that can't be decoded fails no list
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &Reader{native, custom}, nil
}

// Namespaces returns the names of the namespaces.
func (r *Reader) Namespaces(ctx context.Context) ([]string, error) {
	list, err := r.kubernetes.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names, nil
}

// Objects lists all objects that an audit compares.
func (r *Reader) Objects(ctx context.Context) (*audit.Objects, error) {
	var o audit.Objects
	native, custom := r.kubernetes.CoreV1(), r.xos.XosV1()
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
