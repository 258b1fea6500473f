package controllers

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// To bind a role that it does not have itself, the manager needs the verb bind.
// Which of these a domain may have is up to who writes TrustDomains; whoever wants
// others gives the manager a further ClusterRole, as docs/security.md shows.
//
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=principals/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=rolebindings,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles,resourceNames=view;edit,verbs=bind

// principalController materializes each Principal as a ServiceAccount, and each of its
// roles as a RoleBinding.
func principalController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	domain := domainNamed(c, func(p *xosv1.Principal) string { return p.Spec.TrustDomain })
	return engine.New(engine.Kind[*xosv1.Principal]{
		Resource:   c.Principals,
		References: append(inDomain(c, func(p *xosv1.Principal) string { return p.Spec.TrustDomain }), usedByBlobs(c)),
		InUse:      func(p *xosv1.Principal, now time.Time) (string, time.Duration) { return neededByBlobs(c, p, now) },
		Namespace:  domain.namespace,
		Adoption:   domain.adoption,
		Names:      namesOfPrincipal,
		Owns:       []engine.Owned{c.ServiceAccounts, c.RoleBindings},
		Plan: func(p *xosv1.Principal, plan *engine.Plan[*xosv1.Principal]) error {
			namespace, err := trustdomain.Place(c, p, p.Spec.TrustDomain)
			if err != nil {
				return err
			}
			// A role that is not allowed is no error of the plan: what was bound
			// while it was has to go.
			roles, refused := p.Spec.Roles, allowedRoles(c, p)
			if refused != nil {
				roles = nil
			}
			account := engine.Own(plan, c.ServiceAccounts, desired.ServiceAccount(p, namespace))
			for _, role := range roles {
				engine.Own(plan, c.RoleBindings, desired.RoleBinding(p, namespace, role))
			}
			plan.Observe(func(into *xosv1.Principal) verdict.Outcome {
				into.Status.BackendHandle = account.Handle()
				if outcome, ok := verdict.FromErrors(refused); ok {
					return outcome
				}
				return account.Present()
			})
			return nil
		},
	}, opts)
}

// namesOfPrincipal returns whether a principal may have an object of this name: an
// account of its own name, and a binding for any role.
func namesOfPrincipal(p *xosv1.Principal, kind schema.GroupKind, name string) bool {
	if kind.Kind == "RoleBinding" {
		return desired.IsRoleBindingOf(p.Name, name)
	}
	return name == p.Name
}

// allowedRoles refuses roles that the trust domain does not grant. Only who may
// write that cluster-scoped kind decides what a principal may become.
func allowedRoles(c *cluster.Cluster, p *xosv1.Principal) error {
	domain, err := trustdomain.Domain(c, p, p.Spec.TrustDomain)
	if err != nil {
		return err
	}
	for _, role := range p.Spec.Roles {
		if !slices.Contains(domain.Spec.AllowedRoles, role) {
			return verdict.NotAdmitted("role %s is not among spec.allowedRoles of TrustDomain %s", role, domain.Name)
		}
	}
	return nil
}

// principalIn checks that a principal is ready, and in the namespace where
// something is to be done as it; none may be named. what says for a person what
// has to do with that namespace.
func principalIn(c *cluster.Cluster, namespace, name, place, what string) error {
	if name == "" {
		return nil
	}
	principal, ok := c.Principals.Get(cache.NewObjectName(namespace, name))
	if !ok {
		return verdict.WaitFor("Principal %s does not exist", name)
	}
	own, err := trustdomain.Place(c, principal, principal.Spec.TrustDomain)
	if err != nil {
		return err
	}
	if own != place {
		return verdict.Refuse(xosv1.ReasonInvalid, "Principal %s is in namespace %s, %s %s: both must be of one TrustDomain", name, own, what, place)
	}
	if !verdict.IsReady(principal) {
		return verdict.WaitFor("Principal %s is not ready: see its conditions", name)
	}
	return nil
}
