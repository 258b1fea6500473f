package manifests

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Client is a client of objects of any kind.
type Client struct {
	Dynamic dynamic.Interface
	Kinds   discovery.DiscoveryInterface
	// Namespace is that of objects that name none and need one; where it is empty,
	// they are refused.
	Namespace string

	mapper *restmapper.DeferredDiscoveryRESTMapper
}

// NewClient is a client of a cluster.
func NewClient(config *rest.Config) (*Client, error) {
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a discovery client: %w", err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of any kind: %w", err)
	}
	return &Client{Dynamic: client, Kinds: kinds, mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kinds))}, nil
}

// KindFor finds the kind of a resource.
func (c *Client) KindFor(resource schema.GroupVersionResource) (schema.GroupVersionKind, error) {
	return c.mapper.KindFor(resource)
}

// Reset has the kinds asked for anew: definitions have changed.
func (c *Client) Reset() { c.mapper.Reset() }

// Mapping finds the resource of a kind. A definition is established a moment before
// discovery reports its kind, and what the mapper remembers is of some earlier
// moment: where it knows no such kind, discovery is asked anew, and once more by the
// next call.
func (c *Client) Mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		c.Reset()
		mapping, err = c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	}
	if err != nil {
		c.Reset()
		return nil, err
	}
	return mapping, nil
}

// Of is the client of an object's kind, in the object's namespace. An object that
// names none gets that of the client.
func (c *Client) Of(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	mapping, err := c.Mapping(object.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.Dynamic.Resource(mapping.Resource), nil
	}
	if object.GetNamespace() == "" {
		object.SetNamespace(c.Namespace)
	}
	if object.GetNamespace() == "" {
		return nil, fmt.Errorf("%s names no namespace", Describe(object))
	}
	return c.Dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
}

// Apply applies an object on the server's side, as a field manager that takes over
// what others have set.
func (c *Client) Apply(ctx context.Context, object *unstructured.Unstructured, fieldManager string) error {
	client, err := c.Of(object)
	if err != nil {
		return fmt.Errorf("find the resource of %s: %w", Describe(object), err)
	}
	_, err = client.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	if err != nil {
		return fmt.Errorf("apply %s: %w", Describe(object), err)
	}
	return nil
}
