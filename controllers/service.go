package controllers

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=services,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=services/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=services/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=services,verbs=get;list;watch;create;patch;delete

// serviceController materializes each Service that has ports and slices as
// native Services in the namespace of the slices' pods, one for each exposure.
func serviceController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	type service = *xosv1.Service
	itself := func(s service) []string { return named(s.Namespace, s.Name) }
	return engine.New(engine.Kind[service]{
		Resource: c.Services,
		References: []engine.Reference[service]{
			engine.Refers(c.Sites.Resource, "site", func(s service) []string { return named("", s.Spec.Site) }, nil),
			engine.Refers(c.Slices.Resource, "slices", itself, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) }),
			engine.Refers(c.ServicePorts.Resource, "ports", itself, func(p *xosv1.ServicePort) []string { return named(p.Namespace, p.Spec.Service) }),
		},
		Owns: []engine.Owned{c.NativeServices},
		Plan: func(s service, plan *engine.Plan[service]) error {
			in, why, err := serviceInput(c, s)
			if err != nil {
				return err
			}
			if why != "" {
				plan.Observe(func(into service) verdict.Outcome { return verdict.Unexposed(into, why) })
				return nil
			}
			planServices(c, in, plan)
			return nil
		},
	}, opts)
}

func planServices(c *cluster.Cluster, in desired.ServiceInput, plan *engine.Plan[*xosv1.Service]) {
	var see []func() (string, verdict.ExposedService)
	for _, native := range desired.Services(in) {
		child := engine.Own(plan, c.NativeServices, native.Configuration).OnError(func(ctx context.Context, err error) error {
			return nodePortTaken(ctx, c, in, native, err)
		})
		see = append(see, func() (string, verdict.ExposedService) {
			live, _ := child.Live()
			return child.Handle(), verdict.ExposedService{Exposure: native.Exposure, Live: live, Names: portNames(in)}
		})
	}
	plan.Observe(func(into *xosv1.Service) verdict.Outcome {
		var exposed []verdict.ExposedService
		into.Status.BackendHandle = ""
		for _, look := range see {
			handle, service := look()
			if into.Status.BackendHandle == "" {
				into.Status.BackendHandle = handle
			}
			exposed = append(exposed, service)
		}
		return verdict.Service(into, in.Namespace, exposed)
	})
}

// serviceInput resolves what a service is made of. why says why there is nothing
// to expose, where that is so.
func serviceInput(c *cluster.Cluster, s *xosv1.Service) (in desired.ServiceInput, why string, err error) {
	in = desired.ServiceInput{Service: s, Selector: desired.ServiceSelector(s)}
	if s.Spec.Site != "" {
		if _, ok := c.Sites.Get(clusterScoped(s.Spec.Site)); !ok {
			return in, "", verdict.WaitFor("Site %s does not exist", s.Spec.Site)
		}
	}
	if s.Spec.Enabled != nil && !*s.Spec.Enabled {
		return in, "disabled: nothing is exposed until spec.enabled is true", nil
	}
	slices := c.Slices.ByIndex(byService, cache.MetaObjectToName(s).String())
	in.Ports = c.ServicePorts.ByIndex(byService, cache.MetaObjectToName(s).String())
	switch {
	case len(in.Ports) == 0:
		return in, "no ServicePort names it: nothing is exposed", nil
	case len(slices) == 0:
		return in, "no Slice names it: there is nothing to lead to", nil
	}
	if first, second, collide := desired.Collision(in.Ports); collide {
		return in, "", colliding(first, second)
	}
	if in.Namespace, err = commonPlace(c, slices); err != nil {
		return in, "", err
	}
	in.Selector, err = selectorOf(s, slices)
	return in, "", err
}

// commonPlace is the namespace of all the slices' pods. A Service leads to pods
// of its own namespace only.
func commonPlace(c *cluster.Cluster, slices []*xosv1.Slice) (string, error) {
	place := ""
	for _, slice := range slices {
		own, err := placeOf(c, slice, slice.Spec.TrustDomain)
		if err != nil {
			return "", err
		}
		if place != "" && own != place {
			return "", verdict.Refuse(xosv1.ReasonInvalid, "Slices %s and %s are in several trust domains (namespaces %s and %s): a service leads to pods of one only",
				slices[0].Name, slice.Name, place, own)
		}
		place = own
	}
	return place, nil
}

// selectorOf selects the slices' pods. Those that we make carry the service's
// label; those of an inventoried slice are known by its controller's selector.
func selectorOf(s *xosv1.Service, slices []*xosv1.Slice) (map[string]string, error) {
	var pulled *xosv1.Slice
	for _, slice := range slices {
		if !xosv1.IsManaged(slice) {
			pulled = slice
		}
	}
	switch {
	case pulled == nil:
		return desired.ServiceSelector(s), nil
	case len(slices) > 1:
		return nil, verdict.Refuse(xosv1.ReasonInvalid, "Slice %s is inventoried, and its pods have labels of their own: no selector leads to them and to those of other slices", pulled.Name)
	case pulled.Status.Selector == "":
		return nil, verdict.WaitFor("the selector of Slice %s is not known yet", pulled.Name)
	}
	labels, err := metav1.ParseToLabelSelector(pulled.Status.Selector)
	if err != nil || len(labels.MatchExpressions) > 0 {
		return nil, verdict.Refuse(xosv1.ReasonInvalid, "the selector of Slice %s, %s, is more than a Service can express", pulled.Name, pulled.Status.Selector)
	}
	return labels.MatchLabels, nil
}

func portNames(in desired.ServiceInput) map[string]string {
	names := make(map[string]string, len(in.Ports))
	for _, p := range in.Ports {
		names[desired.PortName(p)] = p.Name
	}
	return names
}
