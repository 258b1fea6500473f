package controllers

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// countDebounce is the time for which changes that only affect a count are debounced.
const countDebounce = 2 * time.Second

// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=slices/status,verbs=patch

// sliceController materializes each Slice as the native controller that its spec names or, if it
// names none, checks its references and counts its instances.
func sliceController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	type slice = *xosv1.Slice
	itself := func(s slice) []string { return named(s.Namespace, s.Name) }
	label := func(s slice) []string { return named(s.Namespace, desired.LabelValue(s.Name)) }
	target := func(s slice) []string { return prefixed("slice/", itself(s)) }
	domain := domainNamed(c, func(s slice) string { return s.Spec.TrustDomain })
	return reconciler.New(reconciler.Kind[slice]{
		Resource: c.Slices,
		References: append(ofManaged(append(append(inDomain(c, func(s slice) string { return s.Spec.TrustDomain }),
			runsAs(c, func(s slice) []string { return named(s.Namespace, s.Spec.Principal) })...),
			reconciler.Watches(c.Sites.Resource, "site", func(s slice) []string { return named("", s.Spec.Site) }, nil),
			reconciler.Watches(c.KubernetesConfigVolumeMounts.Resource, "config-mounts", target, configTargets),
			reconciler.Watches(c.KubernetesSecretVolumeMounts.Resource, "secret-mounts", target, secretTargets),
			reconciler.Watches(c.ConfigMaps.Resource, "config-content", itself, slicesMounting[*corev1.ConfigMap]("ConfigMap", c.KubernetesConfigVolumeMounts.Resource, configPlace)),
			reconciler.Watches(c.Secrets.Resource, "secret-content", itself, slicesMounting[*corev1.Secret]("Secret", c.KubernetesSecretVolumeMounts.Resource, secretPlace)),
			reconciler.WatchesField(c.KubernetesConfigMaps.Resource, "config-sources", itself, slicesOf[*xosv1.KubernetesConfigMap](c.KubernetesConfigVolumeMounts.Resource, configPlace), appliedGeneration),
			reconciler.WatchesField(c.KubernetesSecrets.Resource, "secret-sources", itself, slicesOf[*xosv1.KubernetesSecret](c.KubernetesSecretVolumeMounts.Resource, secretPlace), appliedGeneration),
			reconciler.Watches(c.Pods.Resource, "pods", label, workloadsSlice).EveryUpdate().Debounce(countDebounce),
			reconciler.Watches(c.Jobs.Resource, "runs", label, sliceOfJob).EveryUpdate().Debounce(countDebounce),
			reconciler.Watches(c.FailedCreateEvents, "refusals", func(s slice) []string { return append(label(s), s.Name) }, sliceOfFailedCreate(c)).Debounce(countDebounce),
		)),
			reconciler.Watches(c.KubernetesServiceInstances.Resource, "instances", itself,
				func(i *xosv1.KubernetesServiceInstance) []string { return named(i.Namespace, i.Spec.Slice) }).IgnoreUpdates().Debounce(countDebounce),
		),
		Namespace: domain.namespace,
		Manages:   domain.manages,
		Adoption:  domain.adoption,
		Debounce: func(s slice) time.Duration {
			if !xosv1.IsManaged(s) || s.Spec.ControllerKind == xosv1.ControllerKindNone {
				return 0
			}
			return awaitMounts(c, target(s))
		},
		Owns: []store.Owned{c.Deployments, c.StatefulSets, c.DaemonSets, c.ReplicaSets, c.Jobs, c.CronJobs},
		Plan: func(s slice, plan *reconciler.Plan[slice]) error {
			plan.ComputeStatus(func(into slice) outcome.Outcome {
				into.Status.Instances = instancesOf(c, s)
				return outcome.Succeeded("its pods are inventoried")
			})
			if !xosv1.IsManaged(s) {
				return nil // the pull reports its native controller and its pods
			}
			target, err := trustdomain.TargetNamespace(c, s, s.Spec.TrustDomain)
			if err != nil {
				return err
			}
			if s.Spec.Site != "" {
				if _, ok := c.Sites.Get(clusterScoped(s.Spec.Site)); !ok {
					return outcome.WaitFor("Site %s does not exist", s.Spec.Site)
				}
			}
			if err := ownPrincipal(c, s, target); err != nil {
				return err
			}
			if s.Spec.ControllerKind == xosv1.ControllerKindNone {
				plan.ComputeStatus(func(into slice) outcome.Outcome {
					into.Status.Instances = instancesOf(c, s)
					return status.SliceWithout(into, into.Status.Instances)
				})
				return nil
			}
			return planWorkload(c, s, target, plan)
		},
	}, opts)
}

// instancesOf returns the number of KubernetesServiceInstances that name a slice.
func instancesOf(c *cluster.Cluster, s *xosv1.Slice) int32 {
	return int32(c.KubernetesServiceInstances.Count(cluster.InstancesBySlice, cache.MetaObjectToName(s).String()))
}

// ownPrincipal checks the principal of a managed slice. The pods of a controller that was adopted
// with its own template run as that template says: the principal of such a slice is a record, and
// grants no rights.
func ownPrincipal(c *cluster.Cluster, s *xosv1.Slice, target string) error {
	if s.Spec.ControllerKind == xosv1.ControllerKindNone || s.Spec.Template != nil {
		return slicePrincipal(c, s, target)
	}
	return recordedPrincipal(c, s, target)
}

const podsAreIn = "the slice's pods are in"

// slicePrincipal checks the principal that pods of a slice run as. A record of the ServiceAccount
// default is allowed, since pods run as that account anyway.
func slicePrincipal(c *cluster.Cluster, s *xosv1.Slice, target string) error {
	if s.Spec.Principal == desired.DefaultAccount {
		return recordedPrincipal(c, s, target)
	}
	return principalIn(c, s.Namespace, s.Spec.Principal, target, podsAreIn)
}

func recordedPrincipal(c *cluster.Cluster, s *xosv1.Slice, target string) error {
	if s.Spec.Principal == "" {
		return nil
	}
	_, err := principalInNamespace(c, s.Namespace, s.Spec.Principal, target, podsAreIn)
	return err
}

// clusterScoped returns the key of an object without a namespace.
func clusterScoped(name string) cache.ObjectName { return cache.NewObjectName("", name) }
