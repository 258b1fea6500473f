package bundle

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// members are the objects of some trust domains.
type members struct {
	options Options
	// domains has the trust domain of each namespace that is one's.
	domains map[string]string
	// chosen are the trust domains by name.
	chosen     map[string]*xosv1.TrustDomain
	namespaces labelled
	slices     map[cache.ObjectName]bool
	// services and instances are found by what refers to them.
	services, instances map[cache.ObjectName]bool
	sites, images       map[string]bool
	objects             []xosv1.Object
	records             int
}

// choose returns the objects of trust domains, as the manager decides what belongs to one.
func choose(s *snapshot.Snapshot, o Options) (*members, error) {
	m := &members{
		options: o, domains: map[string]string{}, chosen: map[string]*xosv1.TrustDomain{}, namespaces: labelled{}, slices: map[cache.ObjectName]bool{},
		services: map[cache.ObjectName]bool{}, instances: map[cache.ObjectName]bool{}, sites: map[string]bool{}, images: map[string]bool{},
	}
	if err := m.addDomains(s); err != nil {
		return nil, err
	}
	for _, n := range snapshot.Of[*corev1.Namespace](s) {
		m.namespaces[n.Name] = n.Labels
	}
	addEach(m, s, func(p *xosv1.Principal) bool { return m.admits(p.Spec.TrustDomain, p.Namespace) })
	addEach(m, s, func(c *xosv1.KubernetesConfigMap) bool { return m.admits(c.Spec.TrustDomain, c.Namespace) })
	addEach(m, s, func(c *xosv1.KubernetesSecret) bool { return m.admits(c.Spec.TrustDomain, c.Namespace) })
	addEach(m, s, func(r *xosv1.KubernetesResourceInstance) bool { return m.admits(r.Spec.TrustDomain, r.Namespace) })
	addEach(m, s, func(slice *xosv1.Slice) bool {
		if !m.admits(slice.Spec.TrustDomain, slice.Namespace) {
			return false
		}
		m.slices[cache.MetaObjectToName(slice)] = true
		if xosv1.IsManaged(slice) && m.within(slice.Namespace) {
			m.services[cache.NewObjectName(slice.Namespace, slice.Spec.Service)] = true
			m.sites[slice.Spec.Site] = true
		}
		return true
	})
	addEach(m, s, func(i *xosv1.KubernetesServiceInstance) bool {
		if !m.slices[cache.NewObjectName(i.Namespace, i.Spec.Slice)] && (i.Spec.Slice != "" || m.domains[i.Namespace] == "") {
			return false
		}
		m.instances[cache.MetaObjectToName(i)] = true
		if xosv1.IsManaged(i) && m.within(i.Namespace) {
			m.images[i.Spec.Image] = true
		}
		return true
	})
	addEach(m, s, func(service *xosv1.Service) bool {
		name := cache.MetaObjectToName(service)
		if !m.services[name] && m.domains[service.Namespace] == "" {
			return false
		}
		m.services[name] = true
		if m.within(service.Namespace) {
			m.sites[service.Spec.Site] = true
		}
		return true
	})
	addEach(m, s, func(p *xosv1.ServicePort) bool { return m.services[cache.NewObjectName(p.Namespace, p.Spec.Service)] })
	addEach(m, s, func(v *xosv1.KubernetesConfigVolumeMount) bool { return m.mounts(v.Namespace, v.Spec.VolumeMount) })
	addEach(m, s, func(v *xosv1.KubernetesSecretVolumeMount) bool { return m.mounts(v.Namespace, v.Spec.VolumeMount) })
	for _, site := range snapshot.Of[*xosv1.Site](s) {
		if m.sites[site.Name] {
			m.objects = append(m.objects, site)
		}
	}
	for _, image := range snapshot.Of[*xosv1.Image](s) {
		if m.images[image.Name] { // a record too: it may be none where there is no pod of it yet
			m.objects = append(m.objects, image)
		}
	}
	return m, nil
}

// NeedsNamespaces returns whether the labels of namespaces decide what belongs to the trust domains.
func NeedsNamespaces(s *snapshot.Snapshot, o Options) bool {
	return slices.ContainsFunc(snapshot.Of[*xosv1.TrustDomain](s), func(d *xosv1.TrustDomain) bool {
		allowed := d.Spec.AllowedNamespaces
		return slices.Contains(o.Domains, d.Name) && allowed != nil && allowed.From == xosv1.NamespacesFromSelector
	})
}

func (m *members) addDomains(s *snapshot.Snapshot) error {
	if len(m.options.Domains) == 0 {
		return errNoDomain
	}
	found := map[string]*xosv1.TrustDomain{}
	for _, d := range snapshot.Of[*xosv1.TrustDomain](s) {
		found[d.Name] = d
	}
	var errs []error
	for _, name := range slices.Compact(slices.Sorted(slices.Values(m.options.Domains))) {
		switch d := found[name]; {
		case d == nil:
			errs = append(errs, fmt.Errorf("TrustDomain %q does not exist", name))
		case !xosv1.IsManaged(d):
			errs = append(errs, fmt.Errorf("TrustDomain %s is a record of a namespace (spec.xosManaged is false): there is nothing to export", name))
		case d.DeletionTimestamp != nil:
			errs = append(errs, fmt.Errorf("TrustDomain %s is being deleted", name))
		default:
			m.domains[desired.NamespaceOf(d)], m.chosen[name] = name, d
			m.objects = append(m.objects, d)
		}
	}
	return errors.Join(errs...)
}

// admits returns whether an object that names a trust domain, or none, belongs to a chosen one:
// what anybody writes in a namespace that the domain does not take resources from is none of it.
func (m *members) admits(domain, namespace string) bool {
	if domain == "" {
		return m.domains[namespace] != ""
	}
	d, ok := m.chosen[domain]
	return ok && trustdomain.Admits(m.namespaces, d, namespace) == nil
}

// labelled has the labels of namespaces. It implements trustdomain.Namespaces.
type labelled map[string]map[string]string

func (l labelled) Namespace(name string) (trustdomain.Namespace, bool) {
	labels, ok := l[name]
	return trustdomain.Namespace{Labels: labels}, ok
}

func (m *members) within(namespace string) bool {
	return len(m.options.Namespaces) == 0 || slices.Contains(m.options.Namespaces, namespace)
}

func (m *members) mounts(namespace string, v xosv1.VolumeMount) bool {
	return m.slices[cache.NewObjectName(namespace, v.Slice)] || m.instances[cache.NewObjectName(namespace, v.ServiceInstance)]
}

// addEach adds the members of a kind, without records and what is being deleted.
func addEach[O xosv1.Object](m *members, s *snapshot.Snapshot, belongs func(O) bool) {
	for _, o := range snapshot.Of[O](s) {
		switch {
		case !belongs(o), !m.within(o.GetNamespace()), o.GetDeletionTimestamp() != nil:
		case !xosv1.IsManaged(o):
			m.records++
		default:
			m.objects = append(m.objects, o)
		}
	}
}

// namespaceOf returns the namespace that a blob's documents may name.
func (m *members) namespaceOf(r *xosv1.KubernetesResourceInstance) string {
	if d, ok := m.chosen[r.Spec.TrustDomain]; ok {
		return desired.NamespaceOf(d)
	}
	return r.Namespace
}

// mayHoldSecrets returns whether a blob declares a Secret or another blob, or can't be read.
func mayHoldSecrets(blob, namespace string) bool {
	documents, err := manifest.Decode(blob, namespace)
	return err != nil || slices.ContainsFunc(documents, func(d manifest.Document) bool {
		return slices.Contains([]string{"Secret", "KubernetesSecret", "KubernetesResourceInstance"}, d.Kind.Kind)
	})
}
