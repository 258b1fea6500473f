package event

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// The functions of this file return the entity of an object as it is.

// OfPod returns the entity of a pod and of the instance that stands for it; nil where
// there is none yet.
func OfPod(pod *corev1.Pod, instance *xosv1.KubernetesServiceInstance) Entity {
	e := of(Instance, pod)
	e.Addresses = observe.ShownAddresses(pod)
	if len(e.Addresses) == 0 && pod.Status.PodIP != "" {
		e.Addresses = []string{pod.Status.PodIP}
	}
	e.References = instanceReferences(instance, pod.Spec.NodeName)
	e.refer("ServiceAccount", pod.Namespace, pod.Spec.ServiceAccountName)
	return e
}

// OfRecord returns the entity of a pod that is gone, as its instance remembers it. The
// resource version of the instance stands for that of the pod: it was written after all
// that was published of the pod, so the order within the source holds.
func OfRecord(i *xosv1.KubernetesServiceInstance, uid types.UID) Entity {
	e := Entity{ID: ID{Instance, uid}, Namespace: record.PodName(i).Namespace, Name: i.Name, ResourceVersion: i.ResourceVersion}
	if i.Status.PodUID == uid {
		e.Labels, e.Addresses = i.Status.Labels, i.Status.PodIPs
		e.References = instanceReferences(i, i.Status.NodeName)
	}
	return e
}

func instanceReferences(i *xosv1.KubernetesServiceInstance, node string) []Reference {
	var e Entity
	if i != nil {
		e.refer(record.InstanceKind, i.Namespace, i.Name)
		e.refer(record.SliceKind, i.Namespace, i.Spec.Slice)
		e.refer(record.ImageKind, "", i.Spec.Image)
	}
	e.refer("Node", "", node)
	return e.References
}

// OfSlice returns the entity of a slice.
func OfSlice(s *xosv1.Slice) Entity {
	e := of(Slice, s)
	e.refer(record.TrustDomainKind, "", s.Spec.TrustDomain)
	e.refer(record.PrincipalKind, s.Namespace, s.Spec.Principal)
	e.refer("Service", s.Namespace, s.Spec.Service)
	if c := s.Status.Controller; c != nil {
		e.refer(c.Kind, s.Namespace, c.Name)
	}
	return e
}

// OfTrustDomain returns the entity of a trust domain.
func OfTrustDomain(d *xosv1.TrustDomain) Entity {
	e := of(TrustDomain, d)
	e.refer("KubernetesService", "", d.Spec.Owner)
	e.refer("Namespace", "", desired.NamespaceOf(d))
	return e
}

// OfPrincipal returns the entity of a principal.
func OfPrincipal(p *xosv1.Principal) Entity {
	e := of(Principal, p)
	e.refer(record.TrustDomainKind, "", p.Spec.TrustDomain)
	return e
}

// OfImage returns the entity of an image.
func OfImage(i *xosv1.Image) Entity {
	e := of(Image, i)
	e.Image = &ImageDetails{Name: i.Spec.Name, Tag: i.Spec.Tag, Digest: i.Spec.Digest}
	return e
}

// OfService returns the entity of a cluster.
func OfService(s *xosv1.KubernetesService) Entity { return of(Service, s) }

// OfNode returns the entity of a node.
func OfNode(node *corev1.Node) Entity {
	e := of(Node, node)
	s := record.NodeStatus(node)
	for _, a := range s.Addresses {
		e.Addresses = append(e.Addresses, a.Address)
	}
	e.Node = &NodeDetails{
		Addresses: s.Addresses, Provider: s.Provider, ProviderID: s.ProviderID, Zone: s.Zone, Region: s.Region, Roles: s.Roles,
		KubeletVersion: s.KubeletVersion, Ready: s.Ready, Unschedulable: s.Unschedulable,
	}
	e.refer("KubernetesService", "", xosv1.DefaultKubernetesService)
	return e
}

// of returns what all entities have in common.
func of(kind Kind, o metav1.Object) Entity {
	e := Entity{
		ID: ID{kind, o.GetUID()}, Namespace: o.GetNamespace(), Name: o.GetName(), ResourceVersion: o.GetResourceVersion(),
		Labels: observe.ShownLabels(o.GetLabels()), CreatedAt: o.GetCreationTimestamp().Time,
	}
	if at := o.GetDeletionTimestamp(); at != nil {
		e.DeletedAt = at.Time
	}
	return e
}

// refer adds an edge, if there is anything at its end.
func (e *Entity) refer(kind, namespace, name string) {
	if name != "" {
		e.References = append(e.References, Reference{kind, namespace, name})
	}
}
