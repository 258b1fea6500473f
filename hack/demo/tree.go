package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// node is a model in the tree of models.
type node struct {
	model string
	// native is what it corresponds to in the cluster.
	native   string
	children []*node
}

func (n *node) add(child *node) *node {
	n.children = append(n.children, child)
	return child
}

// render draws a tree, the native objects in a column of their own.
func (n *node) render() []string {
	rows := [][]string{{n.model, n.native}}
	var draw func(parent *node, indent string)
	draw = func(parent *node, indent string) {
		for i, child := range parent.children {
			branch, below := "├─ ", "│  "
			if i == len(parent.children)-1 {
				branch, below = "└─ ", "   "
			}
			rows = append(rows, []string{indent + branch + child.model, child.native})
			draw(child, indent+below)
		}
	}
	draw(n, "")
	return columns(rows)
}

// modelTree draws what examples/demo.yaml describes, by its relations.
func (c *cluster) modelTree(ctx context.Context) ([]string, error) {
	const trustDomain = "demo-trust"
	xos := c.xos.XosV1()
	domain, err := xos.TrustDomains().Get(ctx, trustDomain, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("get TrustDomain %s: %w", trustDomain, err)
	}
	root := &node{model: "TrustDomain " + domain.Name, native: c.nativeName(domain)}
	list := metav1.ListOptions{FieldSelector: "spec.trustDomain=" + trustDomain}
	principals, err := xos.Principals("").List(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("list Principals: %w", err)
	}
	for _, o := range principals.Items {
		root.add(&node{model: "Principal " + o.Name, native: c.nativeName(&o)})
	}
	configMaps, err := xos.KubernetesConfigMaps("").List(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("list KubernetesConfigMaps: %w", err)
	}
	for _, o := range configMaps.Items {
		root.add(&node{model: "KubernetesConfigMap " + o.Name, native: c.nativeName(&o)})
	}
	secrets, err := xos.KubernetesSecrets("").List(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("list KubernetesSecrets: %w", err)
	}
	for _, o := range secrets.Items {
		root.add(&node{model: "KubernetesSecret " + o.Name, native: c.nativeName(&o)})
	}
	slices, err := xos.Slices("").List(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("list Slices: %w", err)
	}
	for _, o := range slices.Items {
		if err := c.addInstances(ctx, root.add(&node{model: "Slice " + o.Name, native: c.nativeName(&o)}), &o); err != nil {
			return nil, err
		}
	}
	return root.render(), nil
}

// addInstances hangs a slice's instances below it, and their mounts below them.
func (c *cluster) addInstances(ctx context.Context, slice *node, o *xosv1.Slice) error {
	xos := c.xos.XosV1()
	instances, err := xos.KubernetesServiceInstances(o.Namespace).
		List(ctx, metav1.ListOptions{FieldSelector: "spec.slice=" + o.Name})
	if err != nil {
		return fmt.Errorf("list KubernetesServiceInstances: %w", err)
	}
	for _, i := range instances.Items {
		n := slice.add(&node{
			model:  "KubernetesServiceInstance " + i.Name,
			native: fmt.Sprintf("%s, %s at %s on %s", c.nativeName(&i), i.Status.Phase, i.Status.PodIP, i.Status.NodeName),
		})
		into := metav1.ListOptions{FieldSelector: "spec.serviceInstance=" + i.Name}
		configs, err := xos.KubernetesConfigVolumeMounts(o.Namespace).List(ctx, into)
		if err != nil {
			return fmt.Errorf("list KubernetesConfigVolumeMounts: %w", err)
		}
		for _, m := range configs.Items {
			n.add(&node{model: "KubernetesConfigVolumeMount " + m.Name, native: "volume at " + m.Spec.MountPath})
		}
		secrets, err := xos.KubernetesSecretVolumeMounts(o.Namespace).List(ctx, into)
		if err != nil {
			return fmt.Errorf("list KubernetesSecretVolumeMounts: %w", err)
		}
		for _, m := range secrets.Items {
			n.add(&node{model: "KubernetesSecretVolumeMount " + m.Name, native: "volume at " + m.Spec.MountPath})
		}
	}
	return nil
}

// nativeName reads kind and name of the native object out of the path at which
// the API server has it.
func (c *cluster) nativeName(o xosv1.Object) string {
	handle := o.GetObjectStatus().BackendHandle
	if handle == "" {
		return "nothing native"
	}
	resource, name := parseHandle(handle)
	kind, err := c.KindFor(resource)
	if meta.IsNoMatchError(err) || err != nil {
		return handle
	}
	return kind.Kind + " " + name
}

// parseHandle takes an API path apart:
//
//	/api/v1/namespaces/demo/pods/web  ->  v1 pods, demo/web
//	/api/v1/namespaces/demo           ->  v1 namespaces, demo
//	/apis/apps/v1/namespaces/demo/deployments/web
func parseHandle(handle string) (schema.GroupVersionResource, string) {
	parts := strings.Split(strings.Trim(handle, "/"), "/")
	var resource schema.GroupVersionResource
	switch {
	case len(parts) > 3 && parts[0] == "apis":
		resource.Group, resource.Version, parts = parts[1], parts[2], parts[3:]
	case len(parts) > 2:
		resource.Version, parts = parts[1], parts[2:]
	}
	name := parts[len(parts)-1]
	if len(parts) == 4 {
		name = parts[1] + "/" + name
		parts = parts[2:]
	}
	resource.Resource = parts[0]
	return resource, name
}
