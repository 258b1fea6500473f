package controllers

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// domainOf returns the trust domain that an object belongs to, or nil if there is none. It does
// not decide who is admitted.
type domainOf[T store.CustomObject] func(T) *xosv1.TrustDomain

// domainNamed returns the trust domain that an object names or, if it names none, that of its own
// namespace.
func domainNamed[T store.CustomObject](c *cluster.Cluster, name func(T) string) domainOf[T] {
	return func(o T) *xosv1.TrustDomain { return domainOrNone(c, o, name(o)) }
}

func domainOrNone(c *cluster.Cluster, o metav1.Object, name string) *xosv1.TrustDomain {
	domain, err := trustdomain.Of(c, o, name)
	if err != nil {
		return nil
	}
	return domain
}

// namespace returns the namespace that the domain corresponds to, or "" without a domain.
func (of domainOf[T]) namespace(o T) string {
	if domain := of(o); domain != nil {
		return desired.NamespaceOf(domain)
	}
	return ""
}

// manages returns whether the domain exists and is managed. A domain that is a record or was
// deleted has no authority over its namespace.
func (of domainOf[T]) manages(o T) bool {
	domain := of(o)
	return domain != nil && xosv1.IsManaged(domain)
}

// adoption returns what the domain currently allows to be adopted.
func (of domainOf[T]) adoption(o T) xosv1.DomainAdoption {
	if domain := of(o); domain != nil {
		return domain.Spec.Adoption
	}
	return xosv1.DomainAdoptionNone
}
