// Package trustdomain decides which trust domain an object belongs to, which
// namespace its native objects go to, and whether the domain admits it. All
// authority comes from the TrustDomain as it is now. The package reads caches and
// writes nothing.
package trustdomain

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/index"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// Place is the namespace that an object's native objects go into: that of the
// trust domain it names or, where it names none, its own. The domain must admit
// the object and the namespace must be there.
func Place(c *cluster.Cluster, o metav1.Object, domainName string) (string, error) {
	domain, err := Domain(c, o, domainName)
	if err != nil {
		return "", err
	}
	if domain.DeletionTimestamp != nil {
		return "", verdict.WaitFor("TrustDomain %s is being deleted", domain.Name)
	}
	if err := Admits(c, domain, o.GetNamespace()); err != nil {
		return "", err
	}
	name := desired.NamespaceOf(domain)
	if Reserved(name) {
		return "", verdict.Refuse(xosv1.ReasonInvalid, "namespace %s of TrustDomain %s is Kubernetes' own, in which nothing is materialized: take another trust domain", name, domain.Name)
	}
	namespace, ok := c.Namespaces.Get(cache.NewObjectName("", name))
	if !ok || c.Namespaces.Terminating(namespace) {
		return "", verdict.WaitFor("namespace %s of TrustDomain %s is not there yet", name, domain.Name)
	}
	if owner, ok := engine.OwnerOf(namespace, schema.GroupKind{Kind: "Namespace"}); xosv1.IsManaged(domain) && (!ok || owner.UID != domain.UID) {
		return "", verdict.WaitFor("namespace %s is not TrustDomain %s's: see that object's conditions", name, domain.Name)
	}
	return name, nil
}

// Reserved says whether a namespace is one of Kubernetes' own components, in which
// nothing is materialized.
func Reserved(namespace string) bool { return strings.HasPrefix(namespace, "kube-") }

// Domain is the trust domain of an object: the one it names or, where it names
// none, the one that corresponds to its own namespace. A domain that is managed comes
// before one that only records the namespace.
func Domain(c *cluster.Cluster, o metav1.Object, name string) (*xosv1.TrustDomain, error) {
	if name != "" {
		domain, ok := c.TrustDomains.Get(cache.NewObjectName("", name))
		if !ok {
			return nil, verdict.WaitFor("TrustDomain %s does not exist", name)
		}
		return domain, nil
	}
	domains := c.TrustDomains.ByIndex(index.DomainsByNamespace, o.GetNamespace())
	if isManaged := func(d *xosv1.TrustDomain) bool { return xosv1.IsManaged(d) }; slices.ContainsFunc(domains, isManaged) {
		domains = slices.DeleteFunc(domains, func(d *xosv1.TrustDomain) bool { return !isManaged(d) })
	}
	switch len(domains) {
	case 0:
		return nil, verdict.WaitFor("no TrustDomain corresponds to namespace %s: make one, or name one in spec.trustDomain", o.GetNamespace())
	case 1:
		return domains[0], c.TrustDomains.Decoded(domains[0])
	default:
		return nil, verdict.Refuse(xosv1.ReasonInvalid, "TrustDomains %s and %s both correspond to namespace %s: name one in spec.trustDomain",
			domains[0].Name, domains[1].Name, o.GetNamespace())
	}
}

// Admits says whether a domain takes resources from a namespace.
func Admits(c *cluster.Cluster, domain *xosv1.TrustDomain, from string) error {
	if from == desired.NamespaceOf(domain) {
		return nil
	}
	allowed := domain.Spec.AllowedNamespaces
	if allowed == nil {
		allowed = &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromSame}
	}
	switch allowed.From {
	case xosv1.NamespacesFromAll:
		return nil
	case xosv1.NamespacesFromSelector:
		selector, err := metav1.LabelSelectorAsSelector(allowed.Selector)
		if err != nil {
			return verdict.Refuse(xosv1.ReasonInvalid, "spec.allowedNamespaces.selector of TrustDomain %s: %v", domain.Name, err)
		}
		if own, ok := c.Namespaces.Get(cache.NewObjectName("", from)); ok && selector.Matches(labels.Set(own.Labels)) {
			return nil
		}
	}
	return verdict.NotAdmitted("TrustDomain %s does not admit resources from namespace %s: its spec.allowedNamespaces decides that", domain.Name, from)
}

// InstancePlace is the slice of an instance, nil where it names none, and the
// namespace of its pod.
func InstancePlace(c *cluster.Cluster, i *xosv1.KubernetesServiceInstance) (*xosv1.Slice, string, error) {
	if i.Spec.Slice == "" {
		place, err := Place(c, i, "")
		return nil, place, err
	}
	slice, ok := c.Slices.Get(cache.NewObjectName(i.Namespace, i.Spec.Slice))
	if !ok {
		return nil, "", verdict.WaitFor("Slice %s does not exist", i.Spec.Slice)
	}
	place, err := Place(c, slice, slice.Spec.TrustDomain)
	return slice, place, err
}
