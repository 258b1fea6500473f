package controllers

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesconfigmaps/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;patch;delete

// configMapController materializes each KubernetesConfigMap as a ConfigMap.
func configMapController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	domain := domainNamed(c, func(m *xosv1.KubernetesConfigMap) string { return m.Spec.TrustDomain })
	return engine.New(engine.Kind[*xosv1.KubernetesConfigMap]{
		Resource:   c.KubernetesConfigMaps,
		References: inDomain(c, func(m *xosv1.KubernetesConfigMap) string { return m.Spec.TrustDomain }),
		Namespace:  domain.namespace,
		Governed:   domain.governed,
		Adoption:   domain.adoption,
		Owns:       []engine.Owned{c.ConfigMaps},
		Plan: func(m *xosv1.KubernetesConfigMap, plan *engine.Plan[*xosv1.KubernetesConfigMap]) error {
			namespace, err := trustdomain.TargetNamespace(c, m, m.Spec.TrustDomain)
			if err != nil {
				return err
			}
			config := engine.Own(plan, c.ConfigMaps, desired.ConfigMap(m, namespace))
			plan.Observe(func(into *xosv1.KubernetesConfigMap) verdict.Outcome {
				into.Status.BackendHandle = config.Handle()
				return config.Present()
			})
			return nil
		},
	}, opts)
}
