package controllers

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/manifest/applier"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// What is in a blob is applied with the rights of a principal's ServiceAccount,
// so the manager needs none of its own but to act as one. It needs no right to
// impersonate groups: the API server adds a ServiceAccount's by itself.
//
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesresourceinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesresourceinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=impersonate

// resourceInstanceController applies the blob of each KubernetesResourceInstance.
func resourceInstanceController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	type kri = *xosv1.KubernetesResourceInstance
	place := func(r kri) (string, error) { return trustdomain.Place(c, r, r.Spec.TrustDomain) }
	apply := applier.New(c.Config, c.Kubernetes.Discovery(), place,
		func(r kri) string { return lastPlaceOf(c, r) })
	c.OnShutdown(apply.Stop)
	err := c.KubernetesResourceInstances.Watch(engine.Handler[kri]{
		Delete: func(last kri, _ bool) { apply.Forget(cache.MetaObjectToName(last)) },
	})
	if err != nil {
		return nil, err
	}
	return engine.New(engine.Kind[kri]{
		Resource: c.KubernetesResourceInstances,
		References: append(append(inDomain(c, func(r kri) string { return r.Spec.TrustDomain }),
			runsAs(c, func(r kri) []string { return named(r.Namespace, r.Spec.Principal) })...),
			engine.Refers(c.KubernetesServices.Resource, "owner", func(r kri) []string { return []string{r.Spec.Owner} }, nil),
		),
		Plan: func(r kri, _ *engine.Plan[kri]) error {
			if !xosv1.IsManaged(r) {
				return nil
			}
			if err := owned(c, r.Spec.Owner); err != nil {
				return err
			}
			namespace, err := place(r)
			if err != nil {
				return err
			}
			return principalIn(c, r.Namespace, r.Spec.Principal, namespace, "the resources go into")
		},
		External: apply,
	}, opts)
}

// lastPlaceOf is the namespace that a resource instance's objects went into,
// where its trust domain may be gone, or admit it no longer. A wrong guess does
// no harm: only what bears the resource instance's own mark is ever deleted.
func lastPlaceOf(c *cluster.Cluster, r *xosv1.KubernetesResourceInstance) string {
	if domain, err := trustdomain.Domain(c, r, r.Spec.TrustDomain); err == nil {
		return desired.NamespaceOf(domain)
	}
	for _, entry := range manifest.Inventory(r) {
		if entry.Namespace != "" {
			return entry.Namespace
		}
	}
	if r.Spec.TrustDomain != "" {
		return r.Spec.TrustDomain
	}
	return r.Namespace
}
