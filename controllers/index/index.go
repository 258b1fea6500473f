// Package index declares the indexes by which both the controllers and the pull
// find objects in the caches that they share, so that each is kept once. An index
// that only one of them reads is declared there.
package index

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

const (
	// InstancesBySlice finds and counts KubernetesServiceInstances by the key of the
	// slice that they name.
	InstancesBySlice = "of-slice"
	// InstancesByImage finds them by the name of the Image that their spec names.
	InstancesByImage = "runs-image"
	// ImagesByIdentity finds Images by what no two may share; see desired.ImageIdentity.
	ImagesByIdentity = "image-identity"
	// DomainsByNamespace finds trust domains by the namespace that they correspond
	// to.
	DomainsByNamespace = "corresponds-to-namespace"
)

// Add adds the indexes to a cluster's caches, which must not be filled yet. The
// second time it does nothing.
func Add(c *cluster.Cluster) {
	add(c.KubernetesServiceInstances.Resource, InstancesBySlice, sliceOf)
	AddCounter(c.KubernetesServiceInstances.Resource, InstancesBySlice, sliceOf)
	add(c.KubernetesServiceInstances.Resource, InstancesByImage, func(i *xosv1.KubernetesServiceInstance) []string {
		return Key("", i.Spec.Image)
	})
	add(c.Images.Resource, ImagesByIdentity, func(i *xosv1.Image) []string {
		return []string{desired.ImageIdentity(i.Spec.Name, i.Spec.Tag, i.Spec.Digest)}
	})
	add(c.TrustDomains.Resource, DomainsByNamespace, func(d *xosv1.TrustDomain) []string {
		return []string{desired.NamespaceOf(d)}
	})
}

func add[O engine.Object](r *engine.Resource[O], name string, values func(O) []string) {
	if !r.HasIndex(name) {
		r.AddIndex(name, values)
	}
}

// AddCounter adds a counter, which is there once however many ask for it.
func AddCounter[O engine.Object](r *engine.Resource[O], name string, values func(O) []string) {
	if !r.HasCounter(name) {
		r.AddCounter(name, values)
	}
}

func sliceOf(i *xosv1.KubernetesServiceInstance) []string { return Key(i.Namespace, i.Spec.Slice) }

// Key is the key of a referent, or nothing where none is named.
func Key(namespace, name string) []string {
	if name == "" {
		return nil
	}
	return []string{cache.NewObjectName(namespace, name).String()}
}
