package controllers

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesserviceinstances/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=pods,verbs=get;list;watch;create;patch;delete

// instanceController materializes each KubernetesServiceInstance as a Pod, and recreates the pod
// when it is lost.
func instanceController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	type ksi = *xosv1.KubernetesServiceInstance
	ofSlice := func(i ksi) []string { return named(i.Namespace, i.Spec.Slice) }
	domain := domainOf[ksi](func(i ksi) *xosv1.TrustDomain { return domainOfInstance(c, i) })
	return reconciler.New(reconciler.Kind[ksi]{
		Resource: c.KubernetesServiceInstances,
		References: append(slices.Concat(inOwnDomain[ksi](c), slicesRunAs(c, ofSlice),
			inSlices(c, ofSlice, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Name) })),
			reconciler.Watches(c.KubernetesServices.Resource, "owner", func(i ksi) []string { return named("", i.Spec.Owner) }, nil),
			reconciler.Watches(c.Slices.Resource, "slice", ofSlice, nil),
			reconciler.Watches(c.KubernetesServiceInstances.Resource, "siblings", ofSlice, limitedSiblings(c)).IgnoreUpdates(),
			reconciler.Watches(c.Images.Resource, "image", func(i ksi) []string { return named("", i.Spec.Image) }, nil),
			reconciler.Watches(c.KubernetesConfigVolumeMounts.Resource, "config-mounts", mountTargets, configTargets),
			reconciler.Watches(c.KubernetesSecretVolumeMounts.Resource, "secret-mounts", mountTargets, secretTargets),
		),
		Namespace: domain.namespace,
		Manages:   domain.manages,
		Adoption:  domain.adoption,
		Owns:      []store.Owned{c.Pods},
		Debounce: func(i ksi) time.Duration {
			if !xosv1.IsManaged(i) {
				return 0
			}
			return awaitMounts(c, mountTargets(i))
		},
		PullKeepsInventory: true,
		Plan: func(i ksi, plan *reconciler.Plan[ksi]) error {
			if !xosv1.IsManaged(i) {
				return nil
			}
			in, err := instanceInput(c, i)
			if err != nil {
				return err
			}
			if s := in.Slice; s != nil && s.Spec.Enabled != nil && !*s.Spec.Enabled {
				plan.ComputeStatus(func(into ksi) outcome.Outcome { return status.Disabled(into) })
				return nil
			}
			want, err := desired.Pod(in)
			if err != nil {
				return outcome.Refuse(xosv1.ReasonInvalid, "%v", err)
			}
			apply := want
			if leavesPodUnchanged(i, podNamed(c, in.Namespace, i.Name), in.Image, want) {
				apply = desired.PodAsItIs(want)
			}
			pod := reconciler.Own(plan, c.Pods, apply)
			pod.OnChange(func(live *corev1.Pod) reconciler.Change {
				return podChange(i.Spec.UpdatePolicy, live, want, pod.AsApplied(live), opts.Now())
			})
			plan.ComputeStatus(func(into ksi) outcome.Outcome {
				live, _ := pod.Live()
				return status.Instance(into, live, pod.Terminating(), pod.Held())
			})
			return nil
		},
	}, opts)
}

// domainOfInstance returns the trust domain of an instance's pod: that of its slice or, without
// one, that of its own namespace.
func domainOfInstance(c *cluster.Cluster, i *xosv1.KubernetesServiceInstance) *xosv1.TrustDomain {
	if i.Spec.Slice == "" {
		return domainOrNone(c, i, "")
	}
	slice, ok := c.Slices.Get(cache.NewObjectName(i.Namespace, i.Spec.Slice))
	if !ok {
		return nil
	}
	return domainOrNone(c, slice, slice.Spec.TrustDomain)
}

// instanceInput resolves what an instance refers to.
func instanceInput(c *cluster.Cluster, i *xosv1.KubernetesServiceInstance) (desired.InstanceInput, error) {
	in := desired.InstanceInput{Instance: i, Image: i.Spec.ImageReference}
	var err error
	if err = owned(c, i.Spec.Owner); err != nil {
		return in, err
	}
	if in.Slice, in.Namespace, err = trustdomain.TargetNamespaceOfInstance(c, i); err != nil {
		return in, err
	}
	if err := allowedInstance(c, i, in.Slice); err != nil {
		return in, err
	}
	if in.Slice != nil {
		if err := slicePrincipal(c, in.Slice, in.Namespace); err != nil {
			return in, err
		}
		if err := withinLimit(c, in.Slice, i); err != nil {
			return in, err
		}
	}
	if i.Spec.Image != "" {
		if in.Image, err = imageOf(c, i.Spec.Image); err != nil {
			return in, err
		}
	}
	in.Mounts, err = usableMounts(c, i.Namespace, mountTargets(i))
	return in, err
}

// allowedInstance refuses template fields that the trust domain of an instance does not allow.
func allowedInstance(c *cluster.Cluster, i *xosv1.KubernetesServiceInstance, s *xosv1.Slice) error {
	if s != nil {
		return allowedTemplate(c, s, s.Spec.TrustDomain, i.Spec.Template)
	}
	return allowedTemplate(c, i, "", i.Spec.Template)
}

// mountTargets returns the keys by which a mount may target an instance's pod: the instance, or
// its slice.
func mountTargets(i *xosv1.KubernetesServiceInstance) []string {
	return append(prefixed("instance/", named(i.Namespace, i.Name)), prefixed("slice/", named(i.Namespace, i.Spec.Slice))...)
}

// withinLimit refuses an instance that exceeds the limit of its slice: older instances, or those
// of the same age whose names sort first, come before it.
func withinLimit(c *cluster.Cluster, s *xosv1.Slice, i *xosv1.KubernetesServiceInstance) error {
	if s.Spec.MaxInstances == nil {
		return nil
	}
	var before int32
	for _, other := range c.KubernetesServiceInstances.ByIndex(cluster.InstancesBySlice, cache.MetaObjectToName(s).String()) {
		older := other.CreationTimestamp.Before(&i.CreationTimestamp)
		if older || (other.CreationTimestamp.Equal(&i.CreationTimestamp) && other.Name < i.Name) {
			before++
		}
	}
	if before >= *s.Spec.MaxInstances {
		return outcome.Refuse(xosv1.ReasonInvalid, "Slice %s has %d instances already, its spec.maxInstances: delete one or raise it", s.Name, *s.Spec.MaxInstances)
	}
	return nil
}

// limitedSiblings returns the other instances of a slice with limited instances, which are
// enqueued when one is created or deleted.
func limitedSiblings(c *cluster.Cluster) func(*xosv1.KubernetesServiceInstance) []string {
	return func(i *xosv1.KubernetesServiceInstance) []string {
		slice, ok := c.Slices.Get(cache.NewObjectName(i.Namespace, i.Spec.Slice))
		if !ok || slice.Spec.MaxInstances == nil {
			return nil
		}
		return named(i.Namespace, i.Spec.Slice)
	}
}

func imageOf(c *cluster.Cluster, name string) (string, error) {
	image, ok := c.Images.Get(clusterScoped(name))
	if !ok {
		return "", outcome.WaitFor("Image %s does not exist", name)
	}
	if image.Spec.Kind == xosv1.ImageKindVM {
		return "", outcome.Refuse(xosv1.ReasonInvalid, "Image %s is of kind vm: a pod runs images of kind container only", name)
	}
	return desired.ImageReference(image), nil
}

// minPodAge is the age that a lost pod must have reached to be recreated. Otherwise a pod that
// each node rejects would be recreated in a tight loop.
const minPodAge = 10 * time.Second

// podChange returns how an existing pod is changed to the desired one. applied reports that the
// desired state is the same as before: overwritten tracking metadata is then repaired, and does
// not replace the pod.
func podChange(policy xosv1.UpdatePolicy, live *corev1.Pod, want *corev1ac.PodApplyConfiguration, applied bool, now time.Time) reconciler.Change {
	inPlace, differs := desired.PodCanTake(live.Annotations, want)
	switch {
	case observe.Lost(live) && now.Sub(live.CreationTimestamp.Time) < minPodAge:
		return reconciler.Keep
	case observe.Lost(live):
		return reconciler.Replace
	case applied:
		return reconciler.Patch
	case policy == xosv1.UpdatePolicyNever && differs:
		return reconciler.Keep
	case !inPlace, policy == xosv1.UpdatePolicyRecreate && differs, differs && !hasContainer(live, *want.Name):
		return reconciler.Replace
	}
	return reconciler.Patch
}
