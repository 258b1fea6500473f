package controllers

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=serviceports,verbs=list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=serviceports/status,verbs=patch

// servicePortController checks each ServicePort. The service that it names makes
// the native port.
func servicePortController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	type port = *xosv1.ServicePort
	service := func(p port) []string { return named(p.Namespace, p.Spec.Service) }
	return engine.New(engine.Kind[port]{
		Resource: c.ServicePorts,
		References: []engine.Reference[port]{
			engine.Refers(c.Services.Resource, "service", service, nil).EveryUpdate(),
			engine.Refers(c.ServicePorts.Resource, "siblings", service, service),
		},
		Plan: func(p port, plan *engine.Plan[port]) error {
			if !xosv1.IsManaged(p) {
				return nil // on record, and not ours to open
			}
			plan.Observe(func(into port) verdict.Outcome {
				parent, _ := c.Services.Get(cache.NewObjectName(p.Namespace, p.Spec.Service))
				return verdict.ServicePort(into, parent)
			})
			if _, ok := c.Services.Get(cache.NewObjectName(p.Namespace, p.Spec.Service)); !ok {
				return verdict.WaitFor("Service %s does not exist", p.Spec.Service)
			}
			all := c.ServicePorts.ByIndex(byService, cache.NewObjectName(p.Namespace, p.Spec.Service).String())
			for _, other := range all {
				if other.Name == p.Name || !xosv1.IsManaged(other) {
					continue
				}
				if first, second, collide := desired.Collision([]*xosv1.ServicePort{p, other}); collide {
					return colliding(first, second)
				}
			}
			return nil
		},
	}, opts)
}

func colliding(first, second *xosv1.ServicePort) error {
	return verdict.Refuse(xosv1.ReasonInvalid, "ServicePorts %s and %s collide: change a port or the protocol of one of them", first.Name, second.Name)
}
