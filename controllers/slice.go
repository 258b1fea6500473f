package controllers

import (
	"time"

	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// gather is how long changes that only feed a count are gathered.
const gather = 2 * time.Second

// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices/status,verbs=patch

// sliceController checks what each Slice refers to and counts its instances.
func sliceController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	return engine.New(engine.Kind[*xosv1.Slice]{
		Resource: c.Slices,
		References: append(inDomain(c, func(s *xosv1.Slice) string { return s.Spec.TrustDomain }),
			engine.Refers(c.Sites.Resource, "site", func(s *xosv1.Slice) []string { return named("", s.Spec.Site) }, nil),
			engine.Refers(c.Principals.Resource, "principal", func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Principal) }, nil),
			engine.Refers(c.KubernetesServiceInstances.Resource, "instances", func(s *xosv1.Slice) []string { return named(s.Namespace, s.Name) },
				func(i *xosv1.KubernetesServiceInstance) []string { return named(i.Namespace, i.Spec.Slice) }).Gather(gather),
		),
		Plan: func(s *xosv1.Slice, plan *engine.Plan[*xosv1.Slice]) error {
			plan.Observe(func(into *xosv1.Slice) verdict.Outcome {
				instances := c.KubernetesServiceInstances.ByIndex(bySlice, cache.NewObjectName(s.Namespace, s.Name).String())
				into.Status.Instances = int32(len(instances))
				return verdict.Succeeded("its instances are managed one by one")
			})
			place, err := placeOf(c, s, s.Spec.TrustDomain)
			if err != nil {
				return err
			}
			if s.Spec.Site != "" {
				if _, ok := c.Sites.Get(clusterScoped(s.Spec.Site)); !ok {
					return verdict.WaitFor("Site %s does not exist", s.Spec.Site)
				}
			}
			return principalIn(c, s, place)
		},
	}, opts)
}

// principalIn checks that a slice's principal, if it names one, is ready in the
// namespace of the slice's pods.
func principalIn(c *cluster.Cluster, s *xosv1.Slice, place string) error {
	if s.Spec.Principal == "" {
		return nil
	}
	principal, ok := c.Principals.Get(cache.NewObjectName(s.Namespace, s.Spec.Principal))
	if !ok {
		return verdict.WaitFor("Principal %s does not exist", s.Spec.Principal)
	}
	own, err := placeOf(c, principal, principal.Spec.TrustDomain)
	if err != nil {
		return err
	}
	if own != place {
		return verdict.Refuse(xosv1.ReasonInvalid, "Principal %s is in namespace %s, the slice's pods are in %s: both must be of one TrustDomain",
			s.Spec.Principal, own, place)
	}
	if !verdict.IsReady(principal) {
		return verdict.WaitFor("Principal %s is not ready: see its conditions", s.Spec.Principal)
	}
	return nil
}

// clusterScoped is the key of an object without a namespace.
func clusterScoped(name string) cache.ObjectName { return cache.NewObjectName("", name) }
