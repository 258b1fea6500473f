package hierarchy

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/pull/record"
)

const (
	serviceKind  = "Service"
	sliceKind    = record.SliceKind
	instanceKind = record.InstanceKind
	podKind      = "Pod"
)

// builder puts nodes below those that they belong to.
type builder struct {
	*snapshot.Snapshot
	roots []*Node
	nodes map[snapshot.Ref]*Node
	pods  map[types.UID]*corev1.Pod
	named map[cache.ObjectName]*corev1.Pod
	// shown are the pods that have an instance.
	shown map[types.UID]bool
}

// Build returns the tree of what was read. Slices without a service are roots too, and so are
// instances without a slice. What an object names and does not exist has a node as well.
func Build(s *snapshot.Snapshot) []*Node {
	b := &builder{
		Snapshot: s, nodes: map[snapshot.Ref]*Node{}, pods: map[types.UID]*corev1.Pod{}, named: map[cache.ObjectName]*corev1.Pod{}, shown: map[types.UID]bool{},
	}
	for _, pod := range snapshot.Of[*corev1.Pod](s) {
		b.pods[pod.UID], b.named[cache.MetaObjectToName(pod)] = pod, pod
	}
	for _, service := range snapshot.Of[*xosv1.Service](s) {
		b.addRoot(nodeOf(service))
	}
	for _, slice := range snapshot.Of[*xosv1.Slice](s) {
		b.below(serviceKind, slice.Namespace, slice.Spec.Service, nodeOfSlice(slice))
	}
	for _, instance := range snapshot.Of[*xosv1.KubernetesServiceInstance](s) {
		b.below(sliceKind, instance.Namespace, instance.Spec.Slice, b.nodeOfInstance(instance))
	}
	b.addOtherPods()
	for _, root := range b.roots {
		countInstances(root)
	}
	sortNodes(b.roots)
	return b.roots
}

func (b *builder) addRoot(n *Node) {
	b.roots = append(b.roots, n)
	b.nodes[n.Ref] = n
}

// below puts a node below that of an object, which may not exist; a node without one is a root.
func (b *builder) below(kind, namespace, name string, n *Node) {
	if name == "" {
		b.addRoot(n)
		return
	}
	of := snapshot.Ref{Kind: kind, Namespace: namespace, Name: name}
	parent, ok := b.nodes[of]
	if !ok {
		parent = &Node{Ref: of, Health: health.Health{Level: health.Missing, Message: "it does not exist"}}
		if kind, _ := snapshot.KindOf(kind); b.HasUnread(kind.Resource()) {
			parent.Health = health.Health{Level: health.Unknown, Message: "it was not read"}
		}
		b.addRoot(parent)
	}
	parent.Children = append(parent.Children, n)
	b.nodes[n.Ref] = n
}

// addOtherPods adds the pods of slices that have no instance, as where the inventory is off.
// Labels are text that others may write too: such a pod counts only where the slice has its
// controller.
func (b *builder) addOtherPods() {
	bySlice := map[[2]string]*xosv1.Slice{}
	for _, s := range snapshot.Of[*xosv1.Slice](b.Snapshot) {
		bySlice[[2]string{s.Namespace, desired.LabelValue(s.Name)}] = s
	}
	for _, pod := range snapshot.Of[*corev1.Pod](b.Snapshot) {
		slice := bySlice[[2]string{pod.Labels[xosv1.NamespaceLabel], pod.Labels[xosv1.SliceLabel]}]
		if slice == nil || b.shown[pod.UID] || !strings.Contains(slice.Status.BackendHandle, "/namespaces/"+pod.Namespace+"/") {
			continue
		}
		parent := b.nodes[refOf(sliceKind, slice)]
		parent.Children = append(parent.Children, nodeOfPod(pod))
	}
}

func refOf(kind string, o snapshot.Object) snapshot.Ref {
	return snapshot.Ref{Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName()}
}

func nodeOf(o xosv1.Object) *Node {
	n := &Node{Ref: snapshot.RefOf(o), Health: health.Of(o)}
	n.created(o)
	return n
}

func (n *Node) created(o snapshot.Object) {
	if t := o.GetCreationTimestamp(); !t.IsZero() {
		at := t.UTC()
		n.Created = &at
	}
}

func nodeOfSlice(s *xosv1.Slice) *Node {
	n := nodeOf(s)
	n.Detail = s.Spec.ControllerKind
	if !xosv1.IsManaged(s) {
		n.Detail = strings.TrimSpace(n.Detail + " of others")
	}
	switch {
	case s.Status.DesiredReplicas != nil:
		n.Ready = fmt.Sprintf("%d/%d", s.Status.ReadyReplicas, *s.Status.DesiredReplicas)
	case s.Spec.ControllerKind != "":
		n.Ready = fmt.Sprintf("%d/%d", s.Status.ReadyReplicas, s.Status.Replicas)
	}
	return n
}

// countInstances says of a slice without a controller how many of its instances are ready.
func countInstances(n *Node) {
	ready := 0
	for _, child := range n.Children {
		countInstances(child)
		if child.Level == health.Ready {
			ready++
		}
	}
	if n.Kind == sliceKind && n.Ready == "" && len(n.Children) > 0 {
		n.Ready = fmt.Sprintf("%d/%d", ready, len(n.Children))
	}
}

// nodeOfInstance returns the node of an instance and its pod. The pod is that of which the status
// has the UID: no one but the controllers can write it. Where pods were not read, the
// status shows the pod.
func (b *builder) nodeOfInstance(i *xosv1.KubernetesServiceInstance) *Node {
	n := nodeOf(i)
	if !xosv1.IsManaged(i) {
		n.Detail = "of others"
	}
	name := record.PodName(i)
	pod, ok := b.pods[record.PodUID(i)]
	if !ok && record.PodUID(i) != "" {
		if later := b.named[name]; later != nil && !b.HasUnread("pods") {
			pod, ok = later, true // the status is about to follow
		}
	}
	switch {
	case ok:
		b.shown[pod.UID] = true
		n.Children = append(n.Children, nodeOfPod(pod))
	case i.Status.PodUID != "" && b.HasUnread("pods"):
		n.Children = append(n.Children, nodeOfStatus(name, i))
	}
	return n
}

func nodeOfPod(pod *corev1.Pod) *Node {
	n := &Node{Ref: refOf(podKind, pod), Health: health.OfPod(pod), Address: pod.Status.PodIP, Node: pod.Spec.NodeName}
	n.created(pod)
	ready := 0
	for _, c := range pod.Status.ContainerStatuses {
		if c.Ready {
			ready++
		}
	}
	n.Ready = fmt.Sprintf("%d/%d", ready, len(pod.Spec.Containers))
	return n
}

// nodeOfStatus returns the node of a pod as the status of its instance shows it.
func nodeOfStatus(name cache.ObjectName, i *xosv1.KubernetesServiceInstance) *Node {
	s := i.Status
	n := &Node{Ref: snapshot.Ref{Kind: podKind, Namespace: name.Namespace, Name: name.Name}, Health: health.OfInstance(i), Address: s.PodIP, Node: s.NodeName}
	ready := 0
	for _, c := range s.Containers {
		if c.Ready {
			ready++
		}
	}
	if len(s.Containers) > 0 {
		n.Ready = fmt.Sprintf("%d/%d", ready, len(s.Containers))
	}
	return n
}
