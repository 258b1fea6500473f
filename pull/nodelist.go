package pull

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// suspects are the names of nodes that only the list or only the cache has, or that show
// something else in one than in the other.
func (n *nodeReconciler) suspects(ctx context.Context) (sets.Set[cache.ObjectName], error) {
	listed, suspects := sets.New[cache.ObjectName](), sets.New[cache.ObjectName]()
	opts := metav1.ListOptions{Limit: pageSize} // no resource version: a quorum read
	for {
		page, err := n.cluster.Kubernetes.CoreV1().Nodes().List(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list nodes: %w", apistatus.Redact(err, nil))
		}
		for i := range page.Items {
			node := &page.Items[i]
			listed.Insert(cache.MetaObjectToName(node))
			if !n.shows(node) {
				suspects.Insert(cache.MetaObjectToName(node))
			}
		}
		if opts.Continue = page.Continue; opts.Continue == "" {
			break
		}
	}
	for node := range n.cluster.Nodes.All() {
		if _, lives := n.nodes.find(cache.MetaObjectToName(node)); lives && !listed.Has(cache.MetaObjectToName(node)) {
			suspects.Insert(cache.MetaObjectToName(node))
		}
	}
	return suspects, nil
}

// shows says whether the cache has a node as the server has it, but for its heartbeats.
func (n *nodeReconciler) shows(live *corev1.Node) bool {
	node, lives := n.nodes.find(cache.MetaObjectToName(live))
	return lives && equality.Semantic.DeepEqual(record.NodeStatus(node), record.NodeStatus(live))
}

// repair asks the server about a single node, and corrects the cache where it shows
// something else.
func (n *nodeReconciler) repair(ctx context.Context, name cache.ObjectName) (bool, error) {
	known, lives := n.nodes.find(name)
	live, err := n.cluster.Kubernetes.CoreV1().Nodes().Get(ctx, name.Name, metav1.GetOptions{})
	gone := apierrors.IsNotFound(err)
	missed := "changed"
	switch {
	case err != nil && !gone:
		return false, fmt.Errorf("get node %s: %w", name, apistatus.Redact(err, nil))
	case gone && !lives, !gone && n.shows(live):
		return false, nil // the watch has caught up
	case gone:
		missed = "deleted"
		n.nodes.remove(known)
		live = nil
	default:
		if !lives {
			missed = "added"
		}
		observe.ReduceNode(live)
		n.nodes.add(live)
	}
	resyncRepairs.WithLabelValues(missed).Inc()
	klog.FromContext(ctx).Info("The watch missed an event, a full list set it right", "missed", missed, "node", name.Name)
	n.queue.Add(name)
	n.corrected(known, live)
	return true, nil
}
