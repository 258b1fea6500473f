package controllers

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/index"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// Indexes on what others refer to, beside those of package index.
const (
	// byTarget and bySource find mounts by what they mount into, and by what
	// they mount.
	byTarget = "mounts-into"
	bySource = "mounts"
	// byContainerImage finds instances by the images that the pod's containers
	// name.
	byContainerImage = "container-image"
	// byService finds slices and ports.
	byService = "of-service"
	// byDomain finds slices, by the keys of their trust domain.
	byDomain = "in-domain"
	// bySliceLabel finds the pods of slices' workloads by their namespace and the
	// slice that their labels name.
	bySliceLabel = "labelled-slice"
)

func addIndexes(c *cluster.Cluster) {
	addRefusalIndexes(c)
	index.Add(c)
	c.KubernetesConfigVolumeMounts.AddIndex(byTarget, configTargets)
	c.KubernetesSecretVolumeMounts.AddIndex(byTarget, secretTargets)
	c.KubernetesConfigVolumeMounts.AddIndex(bySource, func(m *xosv1.KubernetesConfigVolumeMount) []string {
		return named(m.Namespace, m.Spec.ConfigMap)
	})
	c.KubernetesSecretVolumeMounts.AddIndex(bySource, func(m *xosv1.KubernetesSecretVolumeMount) []string {
		return named(m.Namespace, m.Spec.Secret)
	})
	c.Slices.AddIndex(byDomain, func(s *xosv1.Slice) []string { return domainKeys(s, s.Spec.TrustDomain) })
	c.Slices.AddIndex(byService, func(s *xosv1.Slice) []string { return named(s.Namespace, s.Spec.Service) })
	c.ServicePorts.AddIndex(byService, func(p *xosv1.ServicePort) []string { return named(p.Namespace, p.Spec.Service) })
	c.Pods.AddIndex(bySliceLabel, func(p *corev1.Pod) []string { return prefixed(p.Namespace+"/", workloadsSlice(p)) })
	c.KubernetesServiceInstances.AddIndex(byContainerImage, containerImages)
}

// named is the key of a referent, or nothing where none is named.
func named(namespace, name string) []string { return index.Key(namespace, name) }

// targets are the keys of what a mount mounts into. Instances and slices have
// prefixes, since the two kinds may use the same names.
func targets(namespace string, m xosv1.VolumeMount) []string {
	return append(prefixed("instance/", named(namespace, m.ServiceInstance)), prefixed("slice/", named(namespace, m.Slice))...)
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// inDomain are the references of a kind that belongs to a trust domain: to the
// domain, named or found by the object's own namespace, and to that namespace,
// whose labels a domain may select by.
func inDomain[T engine.Parent](c *cluster.Cluster, domain func(T) string) []engine.Reference[T] {
	return []engine.Reference[T]{
		engine.RefersReading(c.TrustDomains.Resource, "trust-domain", func(o T) []string { return domainKeys(o, domain(o)) }, knownDomain, namespacePhase),
		engine.Refers(c.Namespaces.Resource, "own-namespace", func(o T) []string { return []string{o.GetNamespace()} }, nil),
	}
}

// inSlices is the reference of a kind that reads where slices' pods are: to the
// trust domains of those slices. A slice's own events do not tell, since it may be
// as unready as before for another reason. users are the values by which users of
// a slice refer to it.
func inSlices[T engine.Parent](c *cluster.Cluster, values func(T) []string, users func(*xosv1.Slice) []string) engine.Reference[T] {
	return engine.RefersReading(c.TrustDomains.Resource, "domain-of-slices", values, func(d *xosv1.TrustDomain) []string {
		var all []string
		for _, key := range knownDomain(d) {
			for _, s := range c.Slices.ByIndex(byDomain, key) {
				all = append(all, users(s)...)
			}
		}
		return all
	}, namespacePhase)
}

// domainKeys are the keys of the trust domain that an object is in: of the one
// that it names, or of the one that its own namespace corresponds to.
func domainKeys(o metav1.Object, name string) []string {
	if name != "" {
		return []string{"name/" + name}
	}
	return []string{"namespace/" + o.GetNamespace()}
}

// namespacePhase tells of the namespace of a trust domain, which of one that is
// inventoried comes and goes without the domain's doing.
func namespacePhase(d *xosv1.TrustDomain) string { return d.Status.Phase }

// knownDomain are the keys by which a trust domain is known.
func knownDomain(d *xosv1.TrustDomain) []string {
	return []string{"name/" + d.Name, "namespace/" + desired.NamespaceOf(d)}
}

// placeOf is the namespace that an object's native objects go into: that of the
// trust domain it names or, where it names none, its own. The domain must admit
// the object and the namespace must be there.
func placeOf(c *cluster.Cluster, o metav1.Object, domainName string) (string, error) {
	domain, err := domainOf(c, o, domainName)
	if err != nil {
		return "", err
	}
	if err := admits(c, domain, o.GetNamespace()); err != nil {
		return "", err
	}
	name := desired.NamespaceOf(domain)
	namespace, ok := c.Namespaces.Get(cache.NewObjectName("", name))
	if !ok || c.Namespaces.Terminating(namespace) {
		return "", verdict.WaitFor("namespace %s of TrustDomain %s is not there yet", name, domain.Name)
	}
	if owner, ok := engine.OwnerOf(namespace); xosv1.IsManaged(domain) && (!ok || owner.UID != domain.UID) {
		return "", verdict.WaitFor("namespace %s is not TrustDomain %s's: see that object's conditions", name, domain.Name)
	}
	return name, nil
}

func domainOf(c *cluster.Cluster, o metav1.Object, name string) (*xosv1.TrustDomain, error) {
	if name != "" {
		domain, ok := c.TrustDomains.Get(cache.NewObjectName("", name))
		if !ok {
			return nil, verdict.WaitFor("TrustDomain %s does not exist", name)
		}
		return domain, nil
	}
	switch domains := c.TrustDomains.ByIndex(index.DomainsByNamespace, o.GetNamespace()); len(domains) {
	case 0:
		return nil, verdict.WaitFor("no TrustDomain corresponds to namespace %s: make one, or name one in spec.trustDomain", o.GetNamespace())
	case 1:
		return domains[0], nil
	default:
		return nil, verdict.Refuse(xosv1.ReasonInvalid, "TrustDomains %s and %s both correspond to namespace %s: name one in spec.trustDomain",
			domains[0].Name, domains[1].Name, o.GetNamespace())
	}
}

// admits says whether a domain takes resources from a namespace.
func admits(c *cluster.Cluster, domain *xosv1.TrustDomain, from string) error {
	if from == desired.NamespaceOf(domain) {
		return nil
	}
	allowed := domain.Spec.AllowedNamespaces
	if allowed == nil {
		allowed = &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromSame}
	}
	switch allowed.From {
	case xosv1.NamespacesFromAll:
		return nil
	case xosv1.NamespacesFromSelector:
		selector, err := metav1.LabelSelectorAsSelector(allowed.Selector)
		if err != nil {
			return verdict.Refuse(xosv1.ReasonInvalid, "spec.allowedNamespaces.selector of TrustDomain %s: %v", domain.Name, err)
		}
		if own, ok := c.Namespaces.Get(cache.NewObjectName("", from)); ok && selector.Matches(labels.Set(own.Labels)) {
			return nil
		}
	}
	return verdict.NotAdmitted("TrustDomain %s does not admit resources from namespace %s: its spec.allowedNamespaces decides that", domain.Name, from)
}
