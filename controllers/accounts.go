package controllers

import (
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/names"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// accounts decides as which ServiceAccount the resources of a resource instance are applied,
// deleted and released. It reads caches only, and is called before each use: an account that was
// verified once may belong to another client by now.
//
// A spec or an annotation only chooses among verified accounts: those that the controllers created
// for a managed Principal in the resource instance's own namespace and that still carry its
// tracking metadata. A resource instance without a principal has an account of its namespace's
// own, which no other namespace is given.
type accounts struct {
	cluster *cluster.Cluster
	// own is the manager's own namespace; empty where it has none.
	own func() string
}

func newAccounts(c *cluster.Cluster) *accounts {
	return &accounts{cluster: c, own: sync.OnceValue(func() string { return managerNamespace(c.Config) })}
}

// Place implements applier.Rules.
func (a *accounts) TargetNamespace(r *xosv1.KubernetesResourceInstance) (string, error) {
	return trustdomain.TargetNamespace(a.cluster, r, r.Spec.TrustDomain)
}

// Account implements applier.Rules: it returns the account that the spec asks for, to apply
// resources in a namespace that Place has returned.
func (a *accounts) Account(r *xosv1.KubernetesResourceInstance, target string) (xosv1.AppliedAs, error) {
	var none xosv1.AppliedAs
	if a.reserved(target) {
		return none, outcome.Refuse(xosv1.ReasonInvalid, "namespace %s is Kubernetes' or the manager's own: resources can't be applied there", target)
	}
	if r.Spec.Principal == "" {
		return a.unclaimed(target, defaultAccount(r.Namespace, target))
	}
	if principal, ok := a.cluster.Principals.Get(cache.NewObjectName(r.Namespace, r.Spec.Principal)); ok && !xosv1.IsManaged(principal) {
		return none, outcome.Refuse(xosv1.ReasonInvalid, "Principal %s is a record (xosManaged: false), which gives no rights: name a managed Principal", principal.Name)
	}
	if err := principalIn(a.cluster, r.Namespace, r.Spec.Principal, target, "the resources go into"); err != nil {
		return none, err
	}
	return a.ofPrincipal(r, cache.NewObjectName(target, r.Spec.Principal))
}

// Former implements applier.Rules: it returns the account as which resources that were applied
// earlier are deleted or released: the one recorded in the status, as long as it can be verified,
// and otherwise the one that the spec asks for.
func (a *accounts) Former(r *xosv1.KubernetesResourceInstance) (xosv1.AppliedAs, error) {
	if recorded := r.Status.Account; recorded != nil {
		proven, err := a.prove(r, recorded.Namespace, recorded.Name, recorded.UID != "")
		if err == nil && proven == *recorded {
			return proven, nil
		}
	}
	domain, err := trustdomain.Of(a.cluster, r, r.Spec.TrustDomain)
	if err != nil {
		return xosv1.AppliedAs{}, err
	}
	target, name := desired.NamespaceOf(domain), r.Spec.Principal
	if name == "" {
		name = defaultAccount(r.Namespace, target)
	}
	return a.prove(r, target, name, r.Spec.Principal != "")
}

// Adoptable implements applier.Rules.
func (a *accounts) Adoptable(r *xosv1.KubernetesResourceInstance, kind schema.GroupKind, live metav1.Object) error {
	policy := xosv1.DomainAdoptionNone
	if domain := domainOrNone(a.cluster, r, r.Spec.TrustDomain); domain != nil {
		policy = domain.Spec.Adoption
	}
	what := fmt.Sprintf("%s %s", kind.Kind, cache.MetaObjectToName(live))
	return ownership.AdoptionRuleOf(kind).Check(what, live, policy)
}

// Ending implements applier.Rules.
func (a *accounts) Ending(namespace string) bool {
	n, ok := a.cluster.Namespaces.Get(cache.NewObjectName("", namespace))
	return !ok || a.cluster.Namespaces.Terminating(n)
}

// Uninstalled implements applier.Rules.
func (a *accounts) Uninstalled() bool {
	return a.cluster.TrustDomains.Absent() || a.cluster.Principals.Absent()
}

// prove returns the account of a namespace and name if a resource instance may act as it: if it is
// in the namespace of a trust domain that admits the instance, and is either the account of its
// principal or the one for instances without a principal.
func (a *accounts) prove(r *xosv1.KubernetesResourceInstance, namespace, name string, principals bool) (xosv1.AppliedAs, error) {
	var none xosv1.AppliedAs
	switch {
	case a.reserved(namespace):
		return none, outcome.Refuse(xosv1.ReasonInvalid, "namespace %s is Kubernetes' or the manager's own", namespace)
	case principals:
		return a.ofPrincipal(r, cache.NewObjectName(namespace, name))
	case name != defaultAccount(r.Namespace, namespace):
		return none, outcome.Refuse(xosv1.ReasonInvalid, "ServiceAccount %s/%s is not that of the resource instances of namespace %s", namespace, name, r.Namespace)
	}
	if err := a.admits(r, r.Spec.TrustDomain, namespace); err != nil {
		return none, err
	}
	return a.unclaimed(namespace, name)
}

// ofPrincipal returns the account of this name if the controllers created it for a Principal in a
// resource instance's namespace.
func (a *accounts) ofPrincipal(r *xosv1.KubernetesResourceInstance, name cache.ObjectName) (xosv1.AppliedAs, error) {
	var none xosv1.AppliedAs
	principal, ok := a.cluster.Principals.Get(cache.NewObjectName(r.Namespace, name.Name))
	if !ok {
		return none, outcome.WaitFor("Principal %s does not exist", name.Name)
	}
	account, ok := a.cluster.ServiceAccounts.Get(name)
	if ok && account.Annotations[xosv1.AdoptedAnnotation] != "" {
		return none, outcome.Obstruct(xosv1.ReasonForbidden, "ServiceAccount %s was adopted by Principal %s, and resources are applied only as "+
			"an account that XOS has created: name another Principal", name, principal.Name)
	}
	if !ok || !createdFor(account, principal) {
		return none, outcome.WaitFor("ServiceAccount %s is not one that XOS created for Principal %s: see that object's conditions", name, principal.Name)
	}
	if err := a.admits(principal, principal.Spec.TrustDomain, name.Namespace); err != nil {
		return none, err
	}
	return xosv1.AppliedAs{Namespace: name.Namespace, Name: name.Name, UID: account.UID}, nil
}

// createdFor returns whether the controllers created an account for a managed Principal. An
// adopted account may run the Principal's pods, but its rights were granted to another client.
func createdFor(account *corev1.ServiceAccount, principal *xosv1.Principal) bool {
	owner, tracked := ownership.OwnerOf(account, serviceAccountKind)
	adopted := account.Annotations[xosv1.AdoptedAnnotation] != ""
	return tracked && !adopted && xosv1.IsManaged(principal) && account.Name == principal.Name &&
		owner == ownership.Owner{Kind: "Principal", Name: cache.MetaObjectToName(principal), UID: principal.UID}
}

var serviceAccountKind = schema.GroupKind{Kind: "ServiceAccount"}

// admits returns an error unless the current trust domain still maps an object to a namespace and
// admits it.
func (a *accounts) admits(o metav1.Object, domainName, namespace string) error {
	domain, err := trustdomain.Of(a.cluster, o, domainName)
	if err != nil {
		return err
	}
	if err := trustdomain.Admits(a.cluster, domain, o.GetNamespace()); err != nil {
		return err
	}
	if own := desired.NamespaceOf(domain); own != namespace {
		return outcome.Refuse(xosv1.ReasonInvalid, "TrustDomain %s corresponds to namespace %s, not %s", domain.Name, own, namespace)
	}
	return nil
}

// unclaimed returns the account of an instance without a principal, unless it belongs to a
// Principal.
func (a *accounts) unclaimed(namespace, name string) (xosv1.AppliedAs, error) {
	if live, ok := a.cluster.ServiceAccounts.Get(cache.NewObjectName(namespace, name)); ok {
		if _, tracked := ownership.TrackingIDOf(live); tracked {
			return xosv1.AppliedAs{}, outcome.Refuse(xosv1.ReasonInvalid, "ServiceAccount %s/%s belongs to a Principal: name a Principal in spec.principal", namespace, name)
		}
	}
	return xosv1.AppliedAs{Namespace: namespace, Name: name}, nil
}

// reserved returns whether a namespace is one in which no account is ever impersonated.
func (a *accounts) reserved(namespace string) bool {
	return namespace == "" || strings.HasPrefix(namespace, "kube-") || namespace == a.own()
}

// DefaultAccount is the prefix of the ServiceAccounts of resource instances that name no
// principal. They have no rights unless an administrator grants some, and need not exist to be
// refused.
const DefaultAccount = "xos-default"

// isDefaultAccount returns whether a name is reserved for the accounts of resource instances
// without a principal.
func isDefaultAccount(name string) bool {
	return name == DefaultAccount || strings.HasPrefix(name, DefaultAccount+"-")
}

// defaultAccount returns the name of the account of resource instances without a principal in a
// trust domain's namespace: each namespace that is admitted there has its own.
func defaultAccount(from, target string) string {
	const limit = 253
	if from == target {
		return DefaultAccount
	}
	return names.Fit(fmt.Sprintf("%s-%s", DefaultAccount, from), limit)
}
