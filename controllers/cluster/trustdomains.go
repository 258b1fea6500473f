package cluster

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

var _ trustdomain.Reader = &Cluster{}

// TrustDomain implements trustdomain.Reader.
func (c *Cluster) TrustDomain(name string) (*xosv1.TrustDomain, bool) {
	return c.TrustDomains.Get(cache.NewObjectName("", name))
}

// TrustDomainsOf implements trustdomain.Reader.
func (c *Cluster) TrustDomainsOf(namespace string) []*xosv1.TrustDomain {
	return c.TrustDomains.ByIndex(DomainsByNamespace, namespace)
}

// Namespace implements trustdomain.Reader.
func (c *Cluster) Namespace(name string) (trustdomain.Namespace, bool) {
	n, ok := c.Namespaces.Get(cache.NewObjectName("", name))
	if !ok {
		return trustdomain.Namespace{}, false
	}
	owner, _ := ownership.OwnerOf(n, schema.GroupKind{Kind: "Namespace"})
	return trustdomain.Namespace{Labels: n.Labels, Owner: owner.UID, Terminating: c.Namespaces.Terminating(n)}, true
}

// opened returns whether a namespace has our label, by which the fence lets the manager write in it.
func (c *Cluster) opened(name string) bool {
	n, ok := c.Namespaces.Get(cache.NewObjectName("", name))
	return ok && n.Labels[xosv1.ManagedByLabel] == xosv1.ManagedByValue
}

// Slice implements trustdomain.Reader.
func (c *Cluster) Slice(namespace, name string) (*xosv1.Slice, bool) {
	return c.Slices.Get(cache.NewObjectName(namespace, name))
}
