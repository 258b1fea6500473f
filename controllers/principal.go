package controllers

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// To bind a role that it does not hold itself, the manager needs the verb bind. Authors of
// TrustDomains choose which of these roles a domain may grant; an administrator allows others by
// giving the manager a further ClusterRole, as docs/security.md shows.
//
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=rolebindings,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles,resourceNames=view;edit,verbs=bind

// principalController materializes each Principal as a ServiceAccount, and each of its
// roles as a RoleBinding.
func principalController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	domain := domainNamed(c, func(p *xosv1.Principal) string { return p.Spec.TrustDomain })
	return reconciler.New(reconciler.Kind[*xosv1.Principal]{
		Resource:   c.Principals,
		References: append(inDomain(c, func(p *xosv1.Principal) string { return p.Spec.TrustDomain }), actingInstances(c)),
		InUse:      func(p *xosv1.Principal, now time.Time) (string, time.Duration) { return principalInUse(c, p, now) },
		Namespace:  domain.namespace,
		Manages:    domain.manages,
		Adoption:   domain.adoption,
		Names:      namesOfPrincipal,
		Owns:       []store.Owned{c.ServiceAccounts, c.RoleBindings},
		Enforce:    func(ctx context.Context, name cache.ObjectName) error { return revokeBindings(ctx, c, name) },
		Plan: func(p *xosv1.Principal, plan *reconciler.Plan[*xosv1.Principal]) error {
			namespace, err := trustdomain.TargetNamespace(c, p, p.Spec.TrustDomain)
			if err != nil {
				return err
			}
			if xosv1.IsManaged(p) && isDefaultAccount(p.Name) {
				return outcome.Refuse(xosv1.ReasonInvalid, "metadata.name: the name %s, and those that begin with %s-, are of the accounts "+
					"of resource instances without a principal: give this object another name", DefaultAccount, DefaultAccount)
			}
			// A role that is not allowed is no error of the plan: a binding from before must be
			// deleted.
			roles, refused := p.Spec.Roles, allowedRoles(c, p)
			if refused != nil {
				roles = nil
			}
			account := reconciler.Own(plan, c.ServiceAccounts, desired.ServiceAccount(p, namespace))
			for _, role := range roles {
				reconciler.Needs(reconciler.Own(plan, c.RoleBindings, desired.RoleBinding(p, namespace, role)), account)
			}
			plan.ComputeStatus(func(into *xosv1.Principal) outcome.Outcome {
				into.Status.BackendHandle = account.Handle()
				if reached, ok := outcome.FromErrors(refused); ok {
					return reached
				}
				return account.Present()
			})
			return nil
		},
	}, opts)
}

// namesOfPrincipal returns whether a principal may own an object of this name: an account of its
// own name, and a binding for any role.
func namesOfPrincipal(p *xosv1.Principal, kind schema.GroupKind, name string) bool {
	if kind.Kind == "RoleBinding" {
		return desired.IsRoleBindingOf(p.Name, name)
	}
	return name == p.Name
}

// allowedRoles refuses roles that the trust domain does not grant. Only authors of that
// cluster-scoped kind decide what a principal may do.
func allowedRoles(c *cluster.Cluster, p *xosv1.Principal) error {
	domain, err := trustdomain.Of(c, p, p.Spec.TrustDomain)
	if err != nil {
		return err
	}
	for _, role := range p.Spec.Roles {
		if !slices.Contains(domain.Spec.AllowedRoles, role) {
			return outcome.NotAdmitted("role %s is not among spec.allowedRoles of TrustDomain %s", role, domain.Name)
		}
	}
	return nil
}

// principalIn returns an error unless a principal may be used as an identity in a namespace: it is
// managed, ready and in that namespace's trust domain, and owns the ServiceAccount there. An empty
// name is no error. what describes to a person how the namespace is involved.
func principalIn(c *cluster.Cluster, namespace, name, target, what string) error {
	if name == "" {
		return nil
	}
	principal, err := principalInNamespace(c, namespace, name, target, what)
	if err != nil {
		return err
	}
	if !xosv1.IsManaged(principal) {
		return outcome.Refuse(xosv1.ReasonInvalid, "Principal %s only records a ServiceAccount, and a record gives no rights: name another one, "+
			"or set its spec.xosManaged to true, which takes the ServiceAccount over if that is marked as adoptable", name)
	}
	account, ok := c.ServiceAccounts.Get(cache.NewObjectName(target, name))
	own := ownership.Owner{Kind: "Principal", Name: cache.MetaObjectToName(principal), UID: principal.UID}
	if owner, tracked := ownerOfAccount(account, ok); !tracked || owner != own || c.ServiceAccounts.Terminating(account) {
		return outcome.WaitFor("ServiceAccount %s of Principal %s is not there yet: see that object's conditions", name, name)
	}
	return nil
}

// principalInNamespace returns a principal that is ready and whose account is in the namespace.
// what is as in principalIn.
func principalInNamespace(c *cluster.Cluster, namespace, name, target, what string) (*xosv1.Principal, error) {
	principal, ok := c.Principals.Get(cache.NewObjectName(namespace, name))
	if !ok {
		return nil, outcome.WaitFor("Principal %s does not exist", name)
	}
	own, err := trustdomain.TargetNamespace(c, principal, principal.Spec.TrustDomain)
	if err != nil {
		return nil, err
	}
	if own != target {
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "Principal %s is in namespace %s, %s %s: both must be of one TrustDomain", name, own, what, target)
	}
	if !status.IsReady(principal) {
		return nil, outcome.WaitFor("Principal %s is not ready: see its conditions", name)
	}
	return principal, nil
}

func ownerOfAccount(account *corev1.ServiceAccount, found bool) (ownership.Owner, bool) {
	if !found {
		return ownership.Owner{}, false
	}
	return ownership.OwnerOf(account, schema.GroupKind{Kind: "ServiceAccount"})
}

// accountPrincipal returns the principal that a ServiceAccount was created for.
func accountPrincipal(account *corev1.ServiceAccount) []string {
	owner, ok := ownerOfAccount(account, true)
	if !ok || owner.Kind != "Principal" {
		return nil
	}
	return []string{owner.Name.String()}
}

// runsAs returns the references of a kind that acts as a principal: to the principal, and to the
// ServiceAccount that was created for it.
func runsAs[T store.CustomObject](c *cluster.Cluster, principal func(T) []string) []reconciler.Reference[T] {
	return []reconciler.Reference[T]{
		reconciler.Watches(c.Principals.Resource, "principal", principal, nil),
		reconciler.Watches(c.ServiceAccounts.Resource, "account", principal, accountPrincipal),
	}
}

// slicesRunAs returns the references of a kind that acts as its slices' principals. values are the
// names by which an object refers to its slices.
func slicesRunAs[T store.CustomObject](c *cluster.Cluster, values func(T) []string) []reconciler.Reference[T] {
	slicesOf := func(principals []string) []string {
		var all []string
		for _, principal := range principals {
			for _, s := range c.Slices.ByIndex(bySlicePrincipal, principal) {
				all = append(all, named(s.Namespace, s.Name)...)
			}
		}
		return all
	}
	return []reconciler.Reference[T]{
		reconciler.Watches(c.Principals.Resource, "principal-of-slice", values,
			func(p *xosv1.Principal) []string { return slicesOf(named(p.Namespace, p.Name)) }),
		reconciler.Watches(c.ServiceAccounts.Resource, "account-of-slice", values,
			func(a *corev1.ServiceAccount) []string { return slicesOf(accountPrincipal(a)) }),
	}
}
