// Package bulk does to all custom resources what has to be done once, for an installation or its
// end. It knows no kind by its type: what the API server serves counts, also where another version
// of the program had other kinds, and an object that can't be decoded is treated as any other.
package bulk

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Client reads and writes the metadata of custom resources.
type Client struct {
	kinds   discovery.DiscoveryInterface
	objects metadata.Interface
}

// NewClient is a client of a cluster. It is not slowed down: the API server sees to that.
func NewClient(config *rest.Config) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	kinds, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a discovery client: %w", err)
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of metadata: %w", err)
	}
	return &Client{kinds, objects}, nil
}

// resources returns the resources of the API group; none where it is not served.
func (c *Client) resources() ([]schema.GroupVersionResource, error) {
	served, err := c.kinds.ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String())
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask which kinds %s has: %w", xosv1.SchemeGroupVersion, err)
	}
	var found []schema.GroupVersionResource
	for _, resource := range served.APIResources {
		if !strings.Contains(resource.Name, "/") {
			found = append(found, xosv1.SchemeGroupVersion.WithResource(resource.Name))
		}
	}
	return found, nil
}

// object is a custom resource.
type object struct {
	resource schema.GroupVersionResource
	*metav1.PartialObjectMetadata
}

// String names the object for people.
func (o object) String() string {
	if o.Namespace == "" {
		return o.resource.Resource + " " + o.Name
	}
	return o.resource.Resource + " " + o.Namespace + "/" + o.Name
}

// of is the client of an object's resource.
func (c *Client) of(o object) metadata.ResourceInterface {
	return c.objects.Resource(o.resource).Namespace(o.Namespace)
}

// each calls do with each object of the resources, page by page.
func (c *Client) each(ctx context.Context, resources []schema.GroupVersionResource, do func(object) error) error {
	for _, resource := range resources {
		pages := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return c.objects.Resource(resource).List(ctx, options)
		})
		err := pages.EachListItem(ctx, metav1.ListOptions{}, func(item runtime.Object) error {
			found, ok := item.(*metav1.PartialObjectMetadata)
			if !ok {
				return fmt.Errorf("a list has a %T", item)
			}
			return do(object{resource, found})
		})
		if apierrors.IsNotFound(err) {
			continue // its definition is gone
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", resource.Resource, err)
		}
	}
	return nil
}

// Readable returns an error unless every kind is served and may be listed.
func (c *Client) Readable(ctx context.Context) error {
	resources, err := c.resources()
	if err != nil {
		return err
	}
	if len(resources) == 0 {
		return fmt.Errorf("the cluster does not know %s: install the custom resource definitions", xosv1.SchemeGroupVersion)
	}
	for _, resource := range resources {
		if _, err := c.objects.Resource(resource).List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
			return fmt.Errorf("list %s: %w", resource.Resource, err)
		}
	}
	return nil
}
