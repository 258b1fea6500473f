package pull

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesnodes,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesnodes/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=get;list;watch

// nodeReconciler keeps a record of each node.
type nodeReconciler struct {
	cluster  *cluster.Cluster
	clock    clock.PassiveClock
	records  store.CustomWriter[*xosv1.KubernetesNode]
	nodes    *nodeCache
	selector *podSelector
	queue    workqueue.TypedRateLimitingInterface[cache.ObjectName]
	// corrected is called for a node that the watch had wrong, after the cache was corrected:
	// as it was known, and as it is. Either may be nil.
	corrected func(known, live *corev1.Node)
}

// podsByNode counts pods by the names of their nodes.
const podsByNode = "pull-node"

// newNodeReconciler returns the reconciler of a cluster's nodes, and adds to the caches
// what it reads. They must not have been started.
func newNodeReconciler(c *cluster.Cluster, opts Options, selector *podSelector) *nodeReconciler {
	n := &nodeReconciler{
		cluster: c, clock: opts.Clock, nodes: newCorrectedCache(c.Nodes), selector: selector,
		queue: newQueue("pull-nodes", opts, func(o cache.ObjectName) string { return o.Namespace }),
	}
	n.records = c.KubernetesNodes.WriteAs(store.PullWriter, func(name cache.ObjectName) { n.queue.Add(name) })
	c.Pods.AddCounter(podsByNode, nodeOf)
	indexPulled(c.KubernetesNodes.Resource)
	return n
}

// nodeOf is the node that a pod is bound to, if any.
func nodeOf(pod *corev1.Pod) []string {
	if pod.Spec.NodeName == "" {
		return nil
	}
	return []string{pod.Spec.NodeName}
}

// countDebounce is how long changes of a node's pods are gathered: in a large cluster some node's
// pods change all the time.
const countDebounce = 5 * time.Second

// watch says what each event enqueues. That pods come and go is gathered for a moment;
// so a record's own writes must not enqueue it, which would end the wait.
func (n *nodeReconciler) watch() error {
	return errors.Join(
		n.cluster.Nodes.Watch(store.ChangeHandler(n.nodeChanged, n.enqueueNode)),
		n.cluster.KubernetesNodes.Watch(store.Handler[*xosv1.KubernetesNode]{
			Writer: store.PullWriter,
			Add:    func(o *xosv1.KubernetesNode, own bool) { n.enqueueRecord(o, own) },
			Update: func(_, o *xosv1.KubernetesNode, own bool) { n.enqueueRecord(o, own) },
			Delete: func(o *xosv1.KubernetesNode, _ bool) { n.enqueueRecord(o, false) },
		}),
		n.cluster.Pods.Watch(store.ChangeHandler(n.podChanged, n.podGone)),
	)
}

// nodeChanged enqueues a node that shows something new. Its heartbeats do not.
func (n *nodeReconciler) nodeChanged(before, after *corev1.Node) {
	n.nodes.dropCorrection(cache.MetaObjectToName(after))
	if before == nil || !equality.Semantic.DeepEqual(record.NodeStatus(before), record.NodeStatus(after)) {
		n.queue.Add(cache.MetaObjectToName(after))
	}
}

func (n *nodeReconciler) enqueueNode(node *corev1.Node) {
	n.nodes.dropCorrection(cache.MetaObjectToName(node))
	n.queue.Add(cache.MetaObjectToName(node))
}

func (n *nodeReconciler) enqueueRecord(o *xosv1.KubernetesNode, own bool) {
	if !own {
		n.queue.Add(cache.MetaObjectToName(o))
	}
}

func (n *nodeReconciler) podChanged(before, after *corev1.Pod) {
	if before == nil || before.Spec.NodeName != after.Spec.NodeName {
		n.podGone(after)
	}
}

// podGone has the pods of a pod's node be counted again, a few seconds later.
func (n *nodeReconciler) podGone(pod *corev1.Pod) {
	for _, node := range nodeOf(pod) {
		n.queue.AddAfter(cache.NewObjectName("", node), countDebounce)
	}
}

// selectionChanged enqueues everything when the pull is turned on.
func (n *nodeReconciler) selectionChanged(before, after *record.Selection) {
	if before.Enabled == after.Enabled {
		return
	}
	for node := range n.cluster.Nodes.All() {
		n.queue.Add(cache.MetaObjectToName(node))
	}
	for o := range n.cluster.KubernetesNodes.All() {
		n.queue.Add(cache.MetaObjectToName(o))
	}
}

// reconcile makes the record of this name be as its node is.
func (n *nodeReconciler) reconcile(ctx context.Context, name cache.ObjectName) error {
	if !n.selector.selection.Load().Enabled {
		return nil // what was inventoried stays as it is
	}
	node, lives := n.nodes.find(name)
	o, recorded := n.records.Get(name)
	var err error
	switch {
	case !lives && !recorded:
		return nil
	case !lives:
		return n.end(ctx, o)
	case !recorded:
		o, err = n.records.Create(ctx, record.NewNode(node))
	default:
		o, err = n.mirror(ctx, o, node)
	}
	if err != nil {
		return err
	}
	shown := record.NodeStatus(node)
	shown.Pods = int32(n.cluster.Pods.Count(podsByNode, node.Name))
	shown.BackendHandle = observe.Handle(record.NodeKind.GroupVersion().String(), n.cluster.Nodes.Plural, "", node.Name)
	// A manifest has no effect on the record of a node, whatever it says.
	return n.updateStatus(ctx, o, shown, status.Inventoried("", false))
}

// mirror has a record of the pull's name the node that has its name now.
func (n *nodeReconciler) mirror(ctx context.Context, o *xosv1.KubernetesNode, node *corev1.Node) (*xosv1.KubernetesNode, error) {
	of := record.MirroredNode(node).String()
	if !record.IsPulled(o) || o.DeletionTimestamp != nil || o.Annotations[xosv1.MirrorsAnnotation] == of {
		return o, nil
	}
	return n.records.Patch(ctx, o, map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{xosv1.MirrorsAnnotation: of}},
	})
}

// end ends the record of a node that is gone, which is only believed if the server says
// so. One that another client has written to, or has made, stays as a record of nothing.
func (n *nodeReconciler) end(ctx context.Context, o *xosv1.KubernetesNode) error {
	if record.IsPulled(o) {
		_, err := n.cluster.Kubernetes.CoreV1().Nodes().Get(ctx, o.Name, metav1.GetOptions{})
		switch {
		case err == nil:
			return nil // the watch is behind, and wakes us
		case !apierrors.IsNotFound(err):
			return fmt.Errorf("get node %s: %w", o.Name, err)
		case o.DeletionTimestamp != nil: // another client's finalizer holds it
		case !ownership.WrittenByOthers(o):
			return n.records.Delete(ctx, o)
		default:
			if o, err = n.records.Patch(ctx, o, map[string]any{"metadata": withoutTracking()}); err != nil {
				return ignoreNotFound(err)
			}
		}
	}
	return n.updateStatus(ctx, o, xosv1.KubernetesNodeStatus{}, outcome.Outcome{
		State: outcome.Waiting, Reason: xosv1.ReasonReferenceNotFound, Message: "there is no node of this name to inventory",
	})
}

// updateStatus writes down what is shown of a node, and the outcome of the pass or that
// the record can't be decoded, which its controller leaves to us to report.
func (n *nodeReconciler) updateStatus(ctx context.Context, o *xosv1.KubernetesNode, shown xosv1.KubernetesNodeStatus, reached outcome.Outcome) error {
	after := o.DeepCopy()
	shown.ObservedGeneration, shown.Conditions = after.Status.ObservedGeneration, after.Status.Conditions
	shown.Undecodable = after.Status.Undecodable
	after.Status = shown
	status.SetConditions(&after.Status.ObjectStatus, unlessUndecodable(o, reached), o.Generation, metav1.NewTime(n.clock.Now()))
	_, err := n.records.PatchStatus(ctx, o, after)
	return ignoreNotFound(err)
}
