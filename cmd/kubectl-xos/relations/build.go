package relations

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Build returns the graph of what was read. The owner of an object, the cluster, is left out
// but for trust domains and nodes: it would be an arrow to each object. Of a namespace, those of the
// cluster-scoped objects are left out that nothing in it has to do with.
func Build(s *snapshot.Snapshot, namespace string) *Graph {
	b := &builder{nodes: map[snapshot.Ref]*Node{}, edges: map[edge]bool{}, natives: map[snapshot.Ref]health.Health{}}
	b.unread = func(kind string) bool {
		k, _ := snapshot.KindOf(kind)
		return s.HasUnread(k.Resource())
	}
	for _, pod := range snapshot.Of[*corev1.Pod](s) {
		b.natives[snapshot.RefOf(pod)] = health.OfPod(pod)
	}
	ours := snapshot.Of[xosv1.Object](s)
	for _, o := range ours {
		b.add(Node{Ref: snapshot.RefOf(o), Health: health.Of(o)})
	}
	domains := domainsByNamespace(ours)
	for _, o := range ours {
		b.relate(o, domains)
	}
	g := b.graph()
	if namespace == "" {
		return g
	}
	return g.inNamespace(namespace)
}

// domainsByNamespace returns the names of the trust domains that namespaces belong to, where it
// is one.
func domainsByNamespace(objects []xosv1.Object) map[string]string {
	domains := map[string]string{}
	for _, o := range objects {
		td, ok := o.(*xosv1.TrustDomain)
		if !ok || td.Status.Namespace == "" {
			continue
		}
		if _, several := domains[td.Status.Namespace]; several {
			domains[td.Status.Namespace] = ""
			continue
		}
		domains[td.Status.Namespace] = td.Name
	}
	return domains
}

// relate adds the relations of an object.
func (b *builder) relate(o xosv1.Object, domains map[string]string) {
	ref, namespace := snapshot.RefOf(o), o.GetNamespace()
	names := func(field, kind, name string) {
		k, _ := snapshot.KindOf(kind)
		in := namespace
		if !k.Namespaced {
			in = ""
		}
		b.names(ref, field, kind, in, name)
	}
	domain := func(name string) {
		if name == "" {
			name = domains[namespace]
		}
		names("trustDomain", "TrustDomain", name)
	}
	b.has(ref, fromHandle(o.GetObjectStatus().BackendHandle), health.Health{Level: health.Unknown})
	switch o := o.(type) {
	case *xosv1.KubernetesNode:
		names("owner", "KubernetesService", o.Spec.Owner)
	case *xosv1.TrustDomain:
		names("owner", "KubernetesService", o.Spec.Owner)
	case *xosv1.Principal:
		domain(o.Spec.TrustDomain)
	case *xosv1.KubernetesConfigMap:
		domain(o.Spec.TrustDomain)
	case *xosv1.KubernetesSecret:
		domain(o.Spec.TrustDomain)
	case *xosv1.Service:
		names("site", "Site", o.Spec.Site)
		for _, native := range o.Status.Services {
			b.has(ref, snapshot.Ref{Kind: "Service", Namespace: o.Status.Namespace, Name: native.Name}, health.Health{Level: health.Unknown})
		}
	case *xosv1.ServicePort:
		names("service", "Service", o.Spec.Service)
	case *xosv1.KubernetesConfigVolumeMount:
		names("configMap", "KubernetesConfigMap", o.Spec.ConfigMap)
		b.mounts(ref, o.Spec.VolumeMount)
	case *xosv1.KubernetesSecretVolumeMount:
		names("secret", "KubernetesSecret", o.Spec.Secret)
		b.mounts(ref, o.Spec.VolumeMount)
	case *xosv1.Slice:
		names("site", "Site", o.Spec.Site)
		names("service", "Service", o.Spec.Service)
		names("principal", "Principal", o.Spec.Principal)
		domain(o.Spec.TrustDomain)
	case *xosv1.KubernetesServiceInstance:
		names("slice", "Slice", o.Spec.Slice)
		names("image", "Image", o.Spec.Image)
	case *xosv1.KubernetesResourceInstance:
		names("principal", "Principal", o.Spec.Principal)
		domain(o.Spec.TrustDomain)
		for _, entry := range o.Status.Inventory {
			b.has(ref, snapshot.Ref{Kind: entry.Kind, Namespace: entry.Namespace, Name: entry.Name}, ofEntry(entry))
		}
	}
}

// mounts adds the relation of a mount to that which it is mounted into: this follows from the
// mount, although the mount names it.
func (b *builder) mounts(mount snapshot.Ref, m xosv1.VolumeMount) {
	for kind, name := range map[string]string{"Slice": m.Slice, "KubernetesServiceInstance": m.ServiceInstance} {
		if name == "" {
			continue
		}
		into := snapshot.Ref{Kind: kind, Namespace: mount.Namespace, Name: name}
		b.names(mount, "", kind, mount.Namespace, name)
		delete(b.edges, edge{into, mount, ""})
		b.edges[edge{mount, into, "mountPath " + m.MountPath}] = true
	}
}

// ofEntry returns the health of what a blob declares.
func ofEntry(e xosv1.InventoryEntry) health.Health {
	level, ok := map[xosv1.Health]health.Level{
		xosv1.HealthInProgress: health.Progressing, xosv1.HealthCurrent: health.Ready, xosv1.HealthFailed: health.Failed,
		xosv1.HealthTerminating: health.Terminating, xosv1.HealthNotFound: health.Missing,
	}[e.Health]
	if !ok {
		level = health.Unknown
	}
	return health.Health{Level: level, Message: e.Message}
}

// fromHandle returns the object that an API path leads to, such as
// /apis/apps/v1/namespaces/acme/deployments/web; none for what is no such path.
func fromHandle(handle string) snapshot.Ref {
	parts := strings.Split(strings.TrimPrefix(handle, "/"), "/")
	switch parts[0] {
	case "api":
		parts = parts[min(2, len(parts)):]
	case "apis":
		parts = parts[min(3, len(parts)):]
	default:
		return snapshot.Ref{}
	}
	ref := snapshot.Ref{}
	if len(parts) == 4 && parts[0] == "namespaces" {
		ref.Namespace, parts = parts[1], parts[2:]
	}
	if len(parts) != 2 {
		return snapshot.Ref{}
	}
	ref.Kind, ref.Name = parts[0], parts[1]
	if kind, ok := snapshot.Natives[ref.Kind]; ok {
		ref.Kind = kind.Kind
	}
	return ref
}
