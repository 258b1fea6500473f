package controllers

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// domainOf finds the trust domain that an object belongs to; nil where there is
// none. It decides nothing about who is admitted.
type domainOf[T store.CustomObject] func(T) *xosv1.TrustDomain

// domainNamed is the trust domain that an object names or, where it names none, that
// of its own namespace.
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

// namespace is where the domain has its objects; empty without a domain.
func (of domainOf[T]) namespace(o T) string {
	if domain := of(o); domain != nil {
		return desired.NamespaceOf(domain)
	}
	return ""
}

// governed says whether the domain is there and managed. One that is only on record, or
// gone, has given its namespace up.
func (of domainOf[T]) governed(o T) bool {
	domain := of(o)
	return domain != nil && xosv1.IsManaged(domain)
}

// adoption is what the domain allows to be adopted, as it is now.
func (of domainOf[T]) adoption(o T) xosv1.DomainAdoption {
	if domain := of(o); domain != nil {
		return domain.Spec.Adoption
	}
	return xosv1.DomainAdoptionNone
}
