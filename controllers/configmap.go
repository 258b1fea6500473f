package controllers

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;patch;delete

// configMapController materializes each KubernetesConfigMap as a ConfigMap.
func configMapController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	domain := domainNamed(c, func(m *xosv1.KubernetesConfigMap) string { return m.Spec.TrustDomain })
	return reconciler.New(reconciler.Kind[*xosv1.KubernetesConfigMap]{
		Resource:   c.KubernetesConfigMaps,
		References: inDomain(c, func(m *xosv1.KubernetesConfigMap) string { return m.Spec.TrustDomain }),
		Namespace:  domain.namespace,
		Manages:    domain.manages,
		Adoption:   domain.adoption,
		Owns:       []store.Owned{c.ConfigMaps},
		Plan: func(m *xosv1.KubernetesConfigMap, plan *reconciler.Plan[*xosv1.KubernetesConfigMap]) error {
			namespace, err := trustdomain.TargetNamespace(c, m, m.Spec.TrustDomain)
			if err != nil {
				return err
			}
			config := reconciler.Own(plan, c.ConfigMaps, desired.ConfigMap(m, namespace))
			plan.ComputeStatus(func(into *xosv1.KubernetesConfigMap) outcome.Outcome {
				into.Status.BackendHandle = config.Handle()
				return config.Present()
			})
			return nil
		},
	}, opts)
}
