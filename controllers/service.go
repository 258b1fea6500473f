package controllers

import (
	"context"
	"errors"
	"maps"
	stdslices "slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

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

// +kubebuilder:rbac:groups=xos.opencord.org,resources=services,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=services/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=services/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=services,verbs=get;list;watch;create;patch;delete

// serviceController materializes each Service that has ports and slices as
// native Services in the namespace of the slices' pods, one for each exposure.
func serviceController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	type service = *xosv1.Service
	itself := func(s service) []string { return named(s.Namespace, s.Name) }
	holders := &portHolders{cluster: c, clock: clock.RealClock{}}
	domain := domainOf[service](func(s service) *xosv1.TrustDomain { return domainOfSlices(c, s) })
	return reconciler.New(reconciler.Kind[service]{
		Resource: c.Services,
		References: append(inSlices(c, itself, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) }),
			reconciler.Watches(c.Sites.Resource, "site", func(s service) []string { return named("", s.Spec.Site) }, nil),
			reconciler.WatchesField(c.Slices.Resource, "slices", itself, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) },
				selectorShown),
			ownNamespace[service](c),
			reconciler.WatchesField(c.TrustDomains.Resource, "domain-of-natives", recordedNamespace, knownDomain, namespacePhase),
			reconciler.Watches(c.Namespaces.Resource, "namespace-of-natives", recordedNamespace, knownNamespace(c)),
			reconciler.Watches(c.ServicePorts.Resource, "ports", itself, func(p *xosv1.ServicePort) []string { return named(p.Namespace, p.Spec.Service) }),
		),
		Namespace: domain.namespace,
		Manages:   domain.manages,
		Adoption:  domain.adoption,
		Names:     func(s service, _ schema.GroupKind, name string) bool { return desired.IsServiceOf(s, name) },
		Owns:      []store.Owned{c.NativeServices},
		Plan: func(s service, plan *reconciler.Plan[service]) error {
			in, why, err := serviceInput(c, s)
			if err != nil {
				return err
			}
			if why != "" {
				if err := mayPrune(c, s); err != nil {
					return err
				}
				plan.ComputeStatus(func(into service) outcome.Outcome { return status.Unexposed(into, why) })
				return nil
			}
			planServices(c, holders, in, plan)
			return nil
		},
	}, opts)
}

// domainOfSlices returns the trust domain of a service's slices, which its native Services go to,
// or nil if it has none.
func domainOfSlices(c *cluster.Cluster, s *xosv1.Service) *xosv1.TrustDomain {
	for _, slice := range c.Slices.ByIndex(byService, cache.MetaObjectToName(s).String()) {
		return domainOrNone(c, slice, slice.Spec.TrustDomain)
	}
	return nil
}

func planServices(c *cluster.Cluster, holders *portHolders, in desired.ServiceInput, plan *reconciler.Plan[*xosv1.Service]) {
	var see []func() (string, status.ExposedService)
	for _, native := range desired.Services(in) {
		child := reconciler.Own(plan, c.NativeServices, native.Configuration).OnError(func(ctx context.Context, err error) error {
			return nodePortTaken(ctx, holders, in, native, err)
		}).OnApply(desired.KeepNodePorts)
		see = append(see, func() (string, status.ExposedService) {
			live, _ := child.Live()
			if child.Terminating() { // the cleanup of a load balancer may take long
				live = nil
			}
			return child.Handle(), status.ExposedService{Exposure: native.Exposure, Live: live, Names: portNames(in)}
		})
	}
	plan.ComputeStatus(func(into *xosv1.Service) outcome.Outcome {
		var exposed []status.ExposedService
		into.Status.BackendHandle = ""
		for _, look := range see {
			handle, service := look()
			if into.Status.BackendHandle == "" {
				into.Status.BackendHandle = handle
			}
			exposed = append(exposed, service)
		}
		return status.Service(into, in.Namespace, exposed, waitingPorts(in))
	})
}

// serviceInput resolves what a service refers to. why explains why there is nothing to expose, and
// is empty otherwise.
func serviceInput(c *cluster.Cluster, s *xosv1.Service) (in desired.ServiceInput, why string, err error) {
	in = desired.ServiceInput{Service: s, Selector: desired.ServiceSelector(s)}
	if s.Spec.Site != "" {
		if _, ok := c.Sites.Get(clusterScoped(s.Spec.Site)); !ok {
			return in, "", outcome.WaitFor("Site %s does not exist", s.Spec.Site)
		}
	}
	if s.Spec.Enabled != nil && !*s.Spec.Enabled {
		return in, "disabled: nothing is exposed until spec.enabled is true", nil
	}
	slices := c.Slices.ByIndex(byService, cache.MetaObjectToName(s).String())
	in.Ports = managedPorts(c, s)
	if err := errors.Join(c.ServicePorts.Decoded(in.Ports...), c.Slices.Decoded(slices...)); err != nil {
		return in, "", err
	}
	switch {
	case len(in.Ports) == 0:
		return in, "no ServicePort names it: nothing is exposed", nil
	case len(slices) == 0:
		return in, "no Slice names it: there is nothing to lead to", nil
	}
	if in.Namespace, err = commonNamespace(c, slices); err != nil {
		return in, "", err
	}
	in.Live = nativeServicesOf(c, s, in.Namespace)
	in.Selector, err = selectorOf(s, slices, in.Namespace)
	return in, "", err
}

// mayPrune returns an error while no trust domain has the namespace of native Services that a
// service has no use for. A tool that deletes all at once may delete the domain before the service.
func mayPrune(c *cluster.Cluster, s *xosv1.Service) error {
	namespace := ownership.RecordedNamespace(s.Status.BackendHandle)
	if namespace == "" || len(nativeServicesOf(c, s, namespace)) == 0 {
		return nil
	}
	return trustdomain.Holds(c, namespace)
}

// recordedNamespace returns the key of the trust domain of a service's native Services.
func recordedNamespace(s *xosv1.Service) []string {
	if namespace := ownership.RecordedNamespace(s.Status.BackendHandle); namespace != "" {
		return []string{"namespace/" + namespace}
	}
	return nil
}

// nativeServicesOf returns the existing native Services of a service in a namespace, by exposure.
func nativeServicesOf(c *cluster.Cluster, s *xosv1.Service, namespace string) map[xosv1.Exposure]*corev1.Service {
	live := map[xosv1.Exposure]*corev1.Service{}
	for exposure, name := range desired.ServiceNames(s) {
		native, ok := c.NativeServices.Get(cache.NewObjectName(namespace, name))
		if !ok || c.NativeServices.Terminating(native) {
			continue
		}
		if owner, ours := ownership.OwnerOf(native, nativeServiceKind); ours && owner.UID == s.UID {
			live[exposure] = native
		}
	}
	return live
}

var nativeServiceKind = schema.GroupKind{Kind: "Service"}

// commonNamespace returns the namespace of all the slices' pods. A Service selects pods of its own
// namespace only.
func commonNamespace(c *cluster.Cluster, slices []*xosv1.Slice) (string, error) {
	target := ""
	for _, slice := range slices {
		own, err := trustdomain.TargetNamespace(c, slice, slice.Spec.TrustDomain)
		if err != nil {
			return "", err
		}
		if target != "" && own != target {
			return "", outcome.Refuse(xosv1.ReasonInvalid, "Slices %s and %s are in several trust domains (namespaces %s and %s): a service leads to pods of one only",
				slices[0].Name, slice.Name, target, own)
		}
		target = own
	}
	return target, nil
}

// selectorOf returns the selector of the slices' pods in a namespace. Pods of managed workloads
// carry the service's label; those of an inventoried controller are found by its selector.
func selectorOf(s *xosv1.Service, slices []*xosv1.Slice, target string) (map[string]string, error) {
	at := stdslices.IndexFunc(slices, func(slice *xosv1.Slice) bool { return !labelled(slice) })
	if at < 0 {
		return desired.ServiceSelector(s), nil
	}
	theirs := slices[at]
	selector, controller := theirs.Status.Selector, theirs.Status.Controller
	if err := exposable(theirs, target); err != nil {
		return nil, err
	}
	switch {
	case len(slices) > 1:
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "the pods of Slice %s have labels of their own, since XOS did not make its controller: no selector leads to them and to those of other slices", theirs.Name)
	case selectorShown(theirs) == "" && controller != nil && selector == "":
		return nil, outcome.WaitFor("%s %s of Slice %s shows no selector, so that its pods can't be told from others", controller.Kind, controller.Name, theirs.Name)
	case selectorShown(theirs) == "":
		return nil, outcome.WaitFor("the selector of Slice %s is not known yet", theirs.Name)
	}
	asked, ok := equalities(selector)
	if !ok {
		return nil, outcome.Refuse(xosv1.ReasonInvalid, "the selector of Slice %s, %s, is more than a Service can express", theirs.Name, selector)
	}
	return asked, nil
}

// exposable refuses the pods of a slice that is a record, unless the pull created it for a
// controller in its own namespace and the Service goes there too: any other record may have been
// written to expose pods that its author has no right to.
func exposable(s *xosv1.Slice, target string) error {
	switch {
	case xosv1.IsManaged(s):
		return nil
	case s.Labels[xosv1.PulledLabel] != xosv1.PulledValue:
		return outcome.Refuse(xosv1.ReasonInvalid, "Slice %s is a record that XOS did not make, to whose pods no Service leads: "+
			"delete it, and name the service in the record that is created for its controller then, or set its spec.xosManaged to true", s.Name)
	case target != s.Namespace:
		return outcome.Refuse(xosv1.ReasonInvalid, "Slice %s is a record of what is in its own namespace, and its trust domain has another, %s: no Service leads to its pods", s.Name, target)
	}
	return nil
}

// selectorShown returns the selector of a slice's pods from its status, if that reports on the
// current spec. An older one may predate a handover. That of a record is confirmed by its
// controller.
func selectorShown(s *xosv1.Slice) string {
	if s.Status.ObservedGeneration != s.Generation || s.Status.Controller == nil {
		return ""
	}
	return s.Status.Selector
}

// labelled returns whether a slice's pods carry the labels of XOS. Those of an inventoried slice
// do not, nor those of one whose controller was adopted with its own template.
func labelled(s *xosv1.Slice) bool {
	return xosv1.IsManaged(s) && (s.Spec.ControllerKind == xosv1.ControllerKindNone || s.Spec.Template != nil)
}

// equalities parses a selector that requires labels with one value each, which is all that a
// Service supports.
func equalities(selector string) (map[string]string, bool) {
	parsed, err := labels.Parse(selector)
	if err != nil {
		return nil, false
	}
	requirements, _ := parsed.Requirements()
	asked := make(map[string]string, len(requirements))
	for _, r := range requirements {
		value, one := r.ValuesUnsorted(), len(r.ValuesUnsorted()) == 1
		oneOf := r.Operator() == selection.Equals || r.Operator() == selection.DoubleEquals || r.Operator() == selection.In
		if had, twice := asked[r.Key()]; !one || !oneOf || (twice && had != value[0]) {
			return nil, false
		}
		asked[r.Key()] = value[0]
	}
	return asked, len(asked) > 0
}

// waitingPorts returns the names of the ports that wait for others of the service, sorted.
func waitingPorts(in desired.ServiceInput) []string {
	return stdslices.Sorted(maps.Keys(desired.Contended(in)))
}

func portNames(in desired.ServiceInput) map[string]string {
	names := make(map[string]string, len(in.Ports))
	for _, p := range in.Ports {
		names[desired.PortName(p)] = p.Name
	}
	return names
}
