package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

// fieldManager is the name under which the demonstration writes.
const fieldManager = "xos-demo"

// cluster is what a user of the cluster works with.
type cluster struct {
	kubernetes kubernetes.Interface
	xos        versioned.Interface
	dynamic    dynamic.Interface
	mapper     *restmapper.DeferredDiscoveryRESTMapper
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
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of any kind: %w", err)
	}
	discoverer, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a discovery client: %w", err)
	}
	return &cluster{
		kubernetes: native, xos: xos, dynamic: untyped,
		mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discoverer)),
	}, nil
}

// applyFiles applies all objects of the files that match the patterns, in their
// order, as "kubectl apply --server-side" does, and returns them.
func (c *cluster) applyFiles(ctx context.Context, patterns ...string) ([]*unstructured.Unstructured, error) {
	var applied []*unstructured.Unstructured
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", pattern, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("no file %s here: run this at the top of the repository", pattern)
		}
		for _, path := range paths {
			objects, err := readManifest(path)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", path, err)
			}
			for _, object := range objects {
				if err := c.apply(ctx, object); err != nil {
					return nil, fmt.Errorf("apply %s: %w", path, err)
				}
			}
			applied = append(applied, objects...)
		}
	}
	return applied, nil
}

func (c *cluster) apply(ctx context.Context, object *unstructured.Unstructured) error {
	client, err := c.clientFor(object)
	if err != nil {
		return err
	}
	_, err = client.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager})
	if err != nil {
		return fmt.Errorf("apply %s: %w", describe(object), err)
	}
	return nil
}

// clientFor is the client for an object's kind and namespace. An object of a
// namespaced kind that names no namespace gets the default one, as by kubectl.
func (c *cluster) clientFor(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, fmt.Errorf("find the resource of %s: %w", describe(object), err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.dynamic.Resource(mapping.Resource), nil
	}
	if object.GetNamespace() == "" {
		object.SetNamespace(metav1.NamespaceDefault)
	}
	return c.dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
}

// knows says whether the API server has told of the kind that a
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
	_, err = c.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
	return err
}

// readManifest returns the objects of a YAML file.
func readManifest(path string) ([]*unstructured.Unstructured, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 { // not only comments
			objects = append(objects, object)
		}
	}
}

func describe(object *unstructured.Unstructured) string {
	name := object.GetName()
	if namespace := object.GetNamespace(); namespace != "" {
		name = namespace + "/" + name
	}
	return object.GetKind() + " " + name
}
