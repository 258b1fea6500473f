package controllers

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=serviceports,verbs=list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=serviceports/status,verbs=patch

// servicePortController checks each ServicePort. The controller of the service that it names
// creates the native port.
func servicePortController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	type port = *xosv1.ServicePort
	service := func(p port) []string { return named(p.Namespace, p.Spec.Service) }
	return reconciler.New(reconciler.Kind[port]{
		Resource: c.ServicePorts,
		References: []reconciler.Reference[port]{
			reconciler.Watches(c.Services.Resource, "service", service, nil).EveryUpdate(),
			reconciler.Watches(c.ServicePorts.Resource, "siblings", service, service),
			reconciler.Watches(c.NativeServices.Resource, "native-services", service, func(n *corev1.Service) []string {
				if owner, ours := ownership.OwnerOf(n, nativeServiceKind); ours {
					return []string{owner.Name.String()}
				}
				return nil
			}).EveryUpdate(),
			reconciler.Watches(c.Slices.Resource, "slices", service, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) }),
		},
		Plan: func(p port, plan *reconciler.Plan[port]) error {
			if !xosv1.IsManaged(p) {
				return nil // a record: nothing is exposed
			}
			service, known := c.Services.Get(cache.NewObjectName(p.Namespace, p.Spec.Service))
			leads := len(c.Slices.ByIndex(byService, cache.NewObjectName(p.Namespace, p.Spec.Service).String())) > 0
			plan.ComputeStatus(func(into port) outcome.Outcome { return status.ServicePort(into, service, leads, desired.OuterPort(p)) })
			if !known {
				return outcome.WaitFor("Service %s does not exist", p.Spec.Service)
			}
			if waiting, contended := desired.Contended(siblings(c, service))[p.Name]; contended {
				return outcome.Await("ServicePort %s has what this one asks for: it waits until that one is deleted or changed, or takes another port or protocol", waiting.For.Name)
			}
			return nil
		},
	}, opts)
}

// siblings returns the ports of a service, as the service's own plan reads them.
func siblings(c *cluster.Cluster, s *xosv1.Service) desired.ServiceInput {
	in := desired.ServiceInput{Service: s, Ports: managedPorts(c, s)}
	if s.Status.Namespace != "" {
		in.Live = nativeServicesOf(c, s, s.Status.Namespace)
	}
	return in
}

// managedPorts returns the managed ports of a service. Records expose nothing.
func managedPorts(c *cluster.Cluster, s *xosv1.Service) []*xosv1.ServicePort {
	return slices.DeleteFunc(c.ServicePorts.ByIndex(byService, cache.MetaObjectToName(s).String()),
		func(p *xosv1.ServicePort) bool { return !xosv1.IsManaged(p) })
}
