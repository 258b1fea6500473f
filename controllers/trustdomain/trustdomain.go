// Package trustdomain decides which trust domain an object belongs to, which namespace its native
// objects go to, and whether the domain admits it. All authority comes from the TrustDomain as it
// is now. The functions are pure: they read only what a Reader returns.
package trustdomain

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Reader returns what the decisions depend on. An object that can't be decoded is not
// found by its name.
type Reader interface {
	Namespaces
	// TrustDomain returns the domain of a name.
	TrustDomain(name string) (*xosv1.TrustDomain, bool)
	// TrustDomainsOf returns the domains that correspond to a namespace, ordered by
	// name, those among them that can't be decoded too.
	TrustDomainsOf(namespace string) []*xosv1.TrustDomain
	// Slice returns the slice of a key.
	Slice(namespace, name string) (*xosv1.Slice, bool)
}

// Namespaces reads namespaces, which is all that an admission depends on.
type Namespaces interface {
	// Namespace returns the namespace of a name.
	Namespace(name string) (Namespace, bool)
}

// Namespace is what the decisions read of a namespace.
type Namespace struct {
	Labels map[string]string
	// Owner is the UID of the custom resource that owns the namespace; empty if there is none.
	Owner types.UID
	// Terminating returns whether the namespace is being deleted.
	Terminating bool
}

// TargetNamespace returns the namespace that an object's native objects go to: that of the trust
// domain it names or, if it names none, its own. The domain must admit the object and the
// namespace must exist.
func TargetNamespace(r Reader, o metav1.Object, domainName string) (string, error) {
	domain, err := Of(r, o, domainName)
	if err != nil {
		return "", err
	}
	if domain.DeletionTimestamp != nil {
		return "", outcome.WaitFor("TrustDomain %s is being deleted", domain.Name)
	}
	if err := Admits(r, domain, o.GetNamespace()); err != nil {
		return "", err
	}
	name := desired.NamespaceOf(domain)
	if Reserved(name) {
		return "", outcome.Refuse(xosv1.ReasonInvalid, "namespace %s of TrustDomain %s is Kubernetes' own, in which nothing is materialized: take another trust domain", name, domain.Name)
	}
	namespace, ok := r.Namespace(name)
	if !ok || namespace.Terminating {
		return "", outcome.WaitFor("namespace %s of TrustDomain %s is not there yet", name, domain.Name)
	}
	if xosv1.IsManaged(domain) && (namespace.Owner == "" || namespace.Owner != domain.UID) {
		return "", outcome.WaitFor("namespace %s is not TrustDomain %s's: see that object's conditions", name, domain.Name)
	}
	return name, nil
}

// Holds returns an error unless a managed trust domain has a namespace now: without one there is no
// right to delete what is in it.
func Holds(r Reader, namespace string) error {
	err := outcome.WaitFor("no managed TrustDomain has namespace %s any more, and what is left in it stays: make one, or delete that", namespace)
	for _, domain := range r.TrustDomainsOf(namespace) {
		if !xosv1.IsManaged(domain) {
			continue
		}
		if _, err = TargetNamespace(r, &metav1.ObjectMeta{Namespace: namespace}, domain.Name); err == nil {
			return nil
		}
	}
	return err
}

// TargetNamespaceOfInstance returns the slice of an instance, nil where it names none,
// and the namespace of the instance's pod.
func TargetNamespaceOfInstance(r Reader, i *xosv1.KubernetesServiceInstance) (*xosv1.Slice, string, error) {
	if i.Spec.Slice == "" {
		namespace, err := TargetNamespace(r, i, "")
		return nil, namespace, err
	}
	slice, ok := r.Slice(i.Namespace, i.Spec.Slice)
	if !ok {
		return nil, "", outcome.WaitFor("Slice %s does not exist", i.Spec.Slice)
	}
	namespace, err := TargetNamespace(r, slice, slice.Spec.TrustDomain)
	return slice, namespace, err
}

// Reserved returns whether a namespace is one of Kubernetes' own components, in which
// nothing is materialized.
func Reserved(namespace string) bool { return strings.HasPrefix(namespace, "kube-") }

// Builtin returns whether a namespace belongs to Kubernetes itself: it is never deleted.
func Builtin(namespace string) bool {
	return namespace == metav1.NamespaceDefault || Reserved(namespace)
}

// Of returns the trust domain of an object: the one it names or, if it names none, the one that
// corresponds to its own namespace. A managed domain takes precedence over one that only records
// the namespace.
func Of(r Reader, o metav1.Object, name string) (*xosv1.TrustDomain, error) {
	if name != "" {
		domain, ok := r.TrustDomain(name)
		if !ok {
			return nil, outcome.WaitFor("TrustDomain %s does not exist", name)
		}
		return domain, nil
	}
	domains := r.TrustDomainsOf(o.GetNamespace())
	if isManaged := func(d *xosv1.TrustDomain) bool { return xosv1.IsManaged(d) }; slices.ContainsFunc(domains, isManaged) {
		domains = slices.DeleteFunc(domains, func(d *xosv1.TrustDomain) bool { return !isManaged(d) })
	}
	switch len(domains) {
	case 0:
		return nil, outcome.WaitFor("no TrustDomain corresponds to namespace %s: make one, or name one in spec.trustDomain", o.GetNamespace())
	case 1:
		return domains[0], outcome.Decoded("TrustDomain", domains[0])
	default:
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "TrustDomains %s and %s both correspond to namespace %s: name one in spec.trustDomain",
			domains[0].Name, domains[1].Name, o.GetNamespace())
	}
}

// Admits returns an error unless a domain takes resources from a namespace.
func Admits(r Namespaces, domain *xosv1.TrustDomain, from string) error {
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
			return outcome.Refuse(xosv1.ReasonInvalid, "spec.allowedNamespaces.selector of TrustDomain %s: %v", domain.Name, err)
		}
		if own, ok := r.Namespace(from); ok && selector.Matches(labels.Set(own.Labels)) {
			return nil
		}
	}
	return outcome.NotAdmitted("TrustDomain %s does not admit resources from namespace %s: its spec.allowedNamespaces decides that", domain.Name, from)
}
