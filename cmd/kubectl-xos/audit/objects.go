package audit

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Objects are those of a cluster that the inventory is of, or depends on.
type Objects struct {
	Namespaces   Named[*corev1.Namespace]
	Pods         Named[*corev1.Pod]
	Nodes        Named[*corev1.Node]
	Instances    Named[*xosv1.KubernetesServiceInstance]
	Slices       Named[*xosv1.Slice]
	TrustDomains Named[*xosv1.TrustDomain]
	Principals   Named[*xosv1.Principal]
	Images       Named[*xosv1.Image]
	Services     Named[*xosv1.KubernetesService]
}

// Named are objects of one kind by their names.
type Named[O metav1.Object] map[cache.ObjectName]O

// Add adds an object.
func (n *Named[O]) Add(o O) {
	if *n == nil {
		*n = Named[O]{}
	}
	(*n)[cache.MetaObjectToName(o)] = o
}

// Seen is an entity as the cluster shows it.
type Seen struct {
	event.Entity
	// Selected reports that Kafka is to be told of it. What is not selected any more stays
	// as Kafka was told.
	Selected bool
}

// UID identifies the cluster in the inventory; it is empty where that is not known.
func (o *Objects) UID() types.UID {
	if n, ok := o.Namespaces[cache.NewObjectName("", metav1.NamespaceSystem)]; ok {
		return n.UID
	}
	return ""
}

// Selection is what spec.pull of the KubernetesService selects; all pods where there is none.
func (o *Objects) Selection() (*record.Selection, error) {
	var spec xosv1.PullSpec
	if s, ok := o.Services[cache.NewObjectName("", xosv1.DefaultKubernetesService)]; ok {
		spec = s.Spec.Pull
	}
	return record.NewSelection(spec)
}

// Entities returns the entities of the inventory as the cluster shows them.
func (o *Objects) Entities(selection *record.Selection) map[event.ID]Seen {
	all := map[event.ID]Seen{}
	add := func(e event.Entity, selected bool) { all[e.ID] = Seen{e, selected} }
	for _, pod := range o.Pods {
		instance, created := o.instanceOf(pod)
		namespace := o.Namespaces[cache.NewObjectName("", pod.Namespace)]
		add(event.OfPod(pod, instance), created || selection.Pod(pod, namespace) == record.Selected)
	}
	for _, node := range o.Nodes {
		add(event.OfNode(node), true)
	}
	for _, s := range o.Slices {
		add(event.OfSlice(s), true)
	}
	for _, d := range o.TrustDomains {
		add(event.OfTrustDomain(d), true)
	}
	for _, p := range o.Principals {
		add(event.OfPrincipal(p), true)
	}
	for _, i := range o.Images {
		add(event.OfImage(i), true)
	}
	for _, s := range o.Services {
		add(event.OfService(s), true)
	}
	return all
}

// instanceOf returns the instance that created or records a pod, nil where there is none,
// and whether one created it.
func (o *Objects) instanceOf(pod *corev1.Pod) (i *xosv1.KubernetesServiceInstance, created bool) {
	if claim, ok := record.ClaimedInstance(pod); ok {
		i, ok := o.Instances[claim.Name]
		if ok && i.UID == claim.UID && xosv1.IsManaged(i) && record.TargetsPod(o, i, pod.Namespace) {
			return i, true
		}
	}
	if i, ok := o.Instances[cache.MetaObjectToName(pod)]; ok && record.PodUID(i) == pod.UID {
		return i, false
	}
	return nil, false
}

var _ trustdomain.Reader = &Objects{}

// TrustDomain implements trustdomain.Reader.
func (o *Objects) TrustDomain(name string) (*xosv1.TrustDomain, bool) {
	d, ok := o.TrustDomains[cache.NewObjectName("", name)]
	return d, ok
}

// TrustDomainsOf implements trustdomain.Reader.
func (o *Objects) TrustDomainsOf(namespace string) []*xosv1.TrustDomain {
	var of []*xosv1.TrustDomain
	for _, d := range o.TrustDomains {
		if desired.NamespaceOf(d) == namespace {
			of = append(of, d)
		}
	}
	slices.SortFunc(of, func(a, b *xosv1.TrustDomain) int { return strings.Compare(a.Name, b.Name) })
	return of
}

// Namespace implements trustdomain.Reader.
func (o *Objects) Namespace(name string) (trustdomain.Namespace, bool) {
	n, ok := o.Namespaces[cache.NewObjectName("", name)]
	if !ok {
		return trustdomain.Namespace{}, false
	}
	owner, _ := ownership.OwnerOf(n, schema.GroupKind{Kind: "Namespace"})
	return trustdomain.Namespace{Labels: n.Labels, Owner: owner.UID, Terminating: n.DeletionTimestamp != nil}, true
}

// Slice implements trustdomain.Reader.
func (o *Objects) Slice(namespace, name string) (*xosv1.Slice, bool) {
	s, ok := o.Slices[cache.NewObjectName(namespace, name)]
	return s, ok
}
