package controllers

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/manifest/applier"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// A blob is applied with the rights of a principal's ServiceAccount, so the manager needs only the
// right to impersonate it. It needs no right to impersonate groups: the API server adds those of a
// ServiceAccount.
//
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesresourceinstances,verbs=list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesresourceinstances/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=impersonate

// resourceInstanceController applies the blob of each KubernetesResourceInstance.
func resourceInstanceController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	type kri = *xosv1.KubernetesResourceInstance
	rules := newAccounts(c)
	apply := applier.New(c.Config, c.Kinds, rules, opts.Recorder)
	c.OnShutdown(apply.Stop)
	err := c.KubernetesResourceInstances.Watch(store.Handler[kri]{
		Delete: func(last kri, _ bool) { apply.Forget(cache.MetaObjectToName(last)) },
	})
	if err != nil {
		return nil, err
	}
	return reconciler.New(reconciler.Kind[kri]{
		Resource: c.KubernetesResourceInstances,
		References: append(append(inDomain(c, func(r kri) string { return r.Spec.TrustDomain }),
			runsAs(c, principalsOf)...),
			reconciler.Watches(c.KubernetesServices.Resource, "owner", func(r kri) []string { return []string{r.Spec.Owner} }, nil),
		),
		Plan: func(r kri, _ *reconciler.Plan[kri]) error {
			if !xosv1.IsManaged(r) {
				return nil
			}
			if err := owned(c, r.Spec.Owner); err != nil {
				return err
			}
			namespace, err := rules.TargetNamespace(r)
			if err != nil {
				return err
			}
			_, err = rules.Account(r, namespace)
			return err
		},
		Custom: apply,
	}, opts)
}

// principalsOf returns the principals that a resource instance may act as: the one that its spec
// names, and the one as which its resources were applied.
func principalsOf(r *xosv1.KubernetesResourceInstance) []string {
	all := named(r.Namespace, r.Spec.Principal)
	if account := r.Status.Account; account != nil && account.UID != "" && account.Name != r.Spec.Principal {
		all = append(all, named(r.Namespace, account.Name)...)
	}
	return all
}
