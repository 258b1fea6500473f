package controllers

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// Indexes on references between kinds, besides those of package cluster.
const (
	// byTarget and bySource find mounts by their targets and by their sources.
	byTarget = "mounts-into"
	bySource = "mounts"
	// byContainerImage finds instances by the images that the pod's containers
	// name.
	byContainerImage = "container-image"
	// byPrincipal finds resource instances by the principals that they act as.
	byPrincipal = "acts-as"
	// byService finds slices and ports.
	byService = "of-service"
	// byDomain finds slices, by the keys of their trust domain.
	byDomain = "in-domain"
	// bySlicePrincipal finds slices by the key of their principal.
	bySlicePrincipal = "runs-as"
	// bySliceLabel finds the pods of slices' workloads by their namespace and the slice that their
	// labels name.
	bySliceLabel = "labelled-slice"
)

func addIndexes(c *cluster.Cluster) {
	addRefusalIndexes(c)
	c.KubernetesConfigVolumeMounts.AddIndex(byTarget, configTargets)
	c.KubernetesSecretVolumeMounts.AddIndex(byTarget, secretTargets)
	c.KubernetesConfigVolumeMounts.AddIndex(bySource, func(m *xosv1.KubernetesConfigVolumeMount) []string {
		return named(m.Namespace, m.Spec.ConfigMap)
	})
	c.KubernetesSecretVolumeMounts.AddIndex(bySource, func(m *xosv1.KubernetesSecretVolumeMount) []string {
		return named(m.Namespace, m.Spec.Secret)
	})
	c.KubernetesResourceInstances.AddIndex(byPrincipal, principalsOf)
	c.Slices.AddIndex(byDomain, func(s *xosv1.Slice) []string { return domainKeys(s, s.Spec.TrustDomain) })
	c.Slices.AddIndex(bySlicePrincipal, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Principal) })
	c.RoleBindings.AddIndex(bindingsByPrincipal, principalOf)
	c.Slices.AddIndex(byService, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) })
	c.ServicePorts.AddIndex(byService, func(p *xosv1.ServicePort) []string { return named(p.Namespace, p.Spec.Service) })
	c.Pods.AddIndex(bySliceLabel, func(p *corev1.Pod) []string { return prefixed(p.Namespace+"/", workloadsSlice(p)) })
	c.KubernetesServiceInstances.AddIndex(byContainerImage, containerImages)
}

// ofManaged limits references to managed objects.
func ofManaged[T store.CustomObject](references []reconciler.Reference[T]) []reconciler.Reference[T] {
	for i := range references {
		references[i] = references[i].OfManaged()
	}
	return references
}

// named returns the key of a referent, or nothing if none is named.
func named(namespace, name string) []string { return cluster.Key(namespace, name) }

// targets returns the keys of a mount's target. Instances and slices have prefixes, since the two
// kinds may use the same names.
func targets(namespace string, m xosv1.VolumeMount) []string {
	return append(prefixed("instance/", named(namespace, m.ServiceInstance)), prefixed("slice/", named(namespace, m.Slice))...)
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// inOwnDomain returns the references of a kind that belongs to the trust domain of its own
// namespace: to both. The namespace must exist and be owned by the domain, and a domain may select
// by its labels.
func inOwnDomain[T store.CustomObject](c *cluster.Cluster) []reconciler.Reference[T] {
	keys := func(o T) []string { return domainKeys(o, "") }
	return []reconciler.Reference[T]{
		reconciler.WatchesField(c.TrustDomains.Resource, "trust-domain", keys, knownDomain, namespacePhase),
		ownNamespace[T](c),
	}
}

// inDomain returns the references of a kind that may name its trust domain: to the domain, named
// or found by the object's own namespace; to the domain's namespace, which must exist and be owned
// by the domain; and to the object's own namespace, whose labels a domain may select by.
func inDomain[T store.CustomObject](c *cluster.Cluster, domain func(T) string) []reconciler.Reference[T] {
	keys := func(o T) []string { return domainKeys(o, domain(o)) }
	return []reconciler.Reference[T]{
		reconciler.WatchesField(c.TrustDomains.Resource, "trust-domain", keys, knownDomain, namespacePhase),
		reconciler.Watches(c.Namespaces.Resource, "namespace-of-domain", keys, knownNamespace(c)),
		ownNamespace[T](c),
	}
}

// ownNamespace returns the reference of a kind to the namespace that its objects are in.
func ownNamespace[T store.CustomObject](c *cluster.Cluster) reconciler.Reference[T] {
	return reconciler.Watches(c.Namespaces.Resource, "own-namespace", func(o T) []string { return []string{o.GetNamespace()} }, nil)
}

// inSlices returns the references of a kind that depends on the namespaces of slices' pods: to the
// trust domains of those slices, and to their namespaces. The events of a slice do not suffice,
// since it may remain unready for another reason. users are the values by which users of a slice
// refer to it.
func inSlices[T store.CustomObject](c *cluster.Cluster, values func(T) []string, users func(*xosv1.Slice) []string) []reconciler.Reference[T] {
	concerned := func(keys []string) []string {
		var all []string
		for _, key := range keys {
			for _, s := range c.Slices.ByIndex(byDomain, key) {
				all = append(all, users(s)...)
			}
		}
		return all
	}
	target := knownNamespace(c)
	return []reconciler.Reference[T]{
		reconciler.WatchesField(c.TrustDomains.Resource, "domain-of-slices", values,
			func(d *xosv1.TrustDomain) []string { return concerned(knownDomain(d)) }, namespacePhase),
		reconciler.Watches(c.Namespaces.Resource, "namespace-of-slices", values,
			func(n *corev1.Namespace) []string { return concerned(target(n)) }),
	}
}

// domainKeys returns the keys of the trust domain that an object is in: the one that it names, or
// the one that its own namespace corresponds to.
func domainKeys(o metav1.Object, name string) []string {
	if name != "" {
		return []string{"name/" + name}
	}
	return []string{"namespace/" + o.GetNamespace()}
}

// namespacePhase returns the phase of a trust domain's namespace, which changes without the domain
// if the domain is a record.
func namespacePhase(d *xosv1.TrustDomain) string { return d.Status.Phase }

// knownDomain returns the keys by which objects refer to a trust domain.
func knownDomain(d *xosv1.TrustDomain) []string {
	return []string{"name/" + d.Name, "namespace/" + desired.NamespaceOf(d)}
}

// knownNamespace returns the keys by which objects refer to the trust domains of a namespace.
// Objects in a domain wait for the namespace to exist and to be owned by the domain, which the
// domain's own events do not report: its readiness is the same before and after.
func knownNamespace(c *cluster.Cluster) func(*corev1.Namespace) []string {
	return func(n *corev1.Namespace) []string {
		keys := []string{"namespace/" + n.Name}
		for _, d := range c.TrustDomains.ByIndex(cluster.DomainsByNamespace, n.Name) {
			keys = append(keys, "name/"+d.Name)
		}
		return keys
	}
}
