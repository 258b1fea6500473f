package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// fieldManager is the name under which the demonstration writes.
const fieldManager = "xos-demo"

// cluster is what a user of the cluster works with.
type cluster struct {
	*manifests.Client
	kubernetes kubernetes.Interface
	xos        versioned.Interface
}

func connect(config *rest.Config) (*cluster, error) {
	native, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	xos, err := versioned.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the XOS kinds: %w", err)
	}
	untyped, err := manifests.NewClient(config)
	if err != nil {
		return nil, err
	}
	untyped.Namespace = metav1.NamespaceDefault
	return &cluster{untyped, native, xos}, nil
}

// applyFiles applies all objects of the files that match the patterns, in their
// order, as "kubectl apply --server-side" does, and returns them.
func (c *cluster) applyFiles(ctx context.Context, patterns ...string) ([]*unstructured.Unstructured, error) {
	var applied []*unstructured.Unstructured
	for _, pattern := range patterns {
		objects, err := manifests.ReadFiles(pattern)
		if err != nil {
			return nil, err
		}
		if len(objects) == 0 {
			return nil, fmt.Errorf("no file %s here: run this at the top of the repository", pattern)
		}
		for _, object := range objects {
			if err := c.Apply(ctx, object, fieldManager); err != nil {
				return nil, fmt.Errorf("%s: %w", pattern, err)
			}
		}
		applied = append(applied, objects...)
	}
	return applied, nil
}

// knows returns nil once discovery reports the kind that a
// CustomResourceDefinition defines.
func (c *cluster) knows(crd *unstructured.Unstructured) error {
	group, _, err := unstructured.NestedString(crd.Object, "spec", "group")
	if err != nil {
		return err
	}
	kind, _, err := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	if err != nil {
		return err
	}
	_, err = c.Mapping(schema.GroupVersionKind{Group: group, Kind: kind})
	return err
}
