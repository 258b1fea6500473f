package controllers

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

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

// +kubebuilder:rbac:groups=xos.opencord.org,resources=trustdomains,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=trustdomains/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=trustdomains/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch;create;patch;delete

// trustDomainController materializes each TrustDomain as a Namespace.
func trustDomainController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	return reconciler.New(reconciler.Kind[*xosv1.TrustDomain]{
		Resource: c.TrustDomains,
		References: []reconciler.Reference[*xosv1.TrustDomain]{
			reconciler.Watches(c.KubernetesServices.Resource, "owner",
				func(d *xosv1.TrustDomain) []string { return []string{d.Spec.Owner} }, nil),
			reconciler.Watches(c.Namespaces.Resource, "own-namespace",
				func(d *xosv1.TrustDomain) []string { return []string{desired.NamespaceOf(d)} }, unownedNamespace),
		},
		Owns: []store.Owned{c.Namespaces},
		Names: func(d *xosv1.TrustDomain, _ schema.GroupKind, name string) bool {
			return name == desired.NamespaceOf(d)
		},
		Plan: func(d *xosv1.TrustDomain, plan *reconciler.Plan[*xosv1.TrustDomain]) error {
			if name := desired.NamespaceOf(d); xosv1.IsManaged(d) && trustdomain.Reserved(name) {
				return outcome.Refuse(xosv1.ReasonInvalid, "namespace %s is Kubernetes' own: create a trust domain with another spec.namespace, or set spec.xosManaged to false to record this one", name)
			}
			namespace := reconciler.Own(plan, c.Namespaces, desired.Namespace(d))
			plan.ComputeStatus(func(into *xosv1.TrustDomain) outcome.Outcome {
				into.Status.BackendHandle = namespace.Handle()
				live, _ := namespace.Live()
				return status.TrustDomain(into, live, namespace.Present())
			})
			return owned(c, d.Spec.Owner)
		},
	}, opts)
}

// unownedNamespace is the name of a namespace that no trust domain made: one that is only
// on record, or that is in the way.
func unownedNamespace(n *corev1.Namespace) []string {
	if _, owned := ownership.OwnerOf(n, schema.GroupKind{Kind: "Namespace"}); owned {
		return nil
	}
	return []string{n.Name}
}

// owned checks that the cluster that an object names as its owner is known.
func owned(c *cluster.Cluster, owner string) error {
	if _, ok := c.KubernetesServices.Get(clusterScoped(owner)); !ok {
		return outcome.WaitFor("KubernetesService %s does not exist", owner)
	}
	if owner != xosv1.DefaultKubernetesService {
		return outcome.Refuse(xosv1.ReasonInvalid, "KubernetesService %s is not the cluster that the controllers run in, and no other is known: delete this object, and create it again with spec.owner %s",
			owner, xosv1.DefaultKubernetesService)
	}
	return nil
}
