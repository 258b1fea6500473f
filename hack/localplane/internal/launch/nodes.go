package launch

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// bringUpNodes registers the nodes, as kubelets would, and waits until pods can
// be put on each.
func (p *Plane) bringUpNodes(ctx context.Context, client kubernetes.Interface) error {
	for i := range p.options.Nodes {
		node := newNode(i)
		_, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
		// Data that was kept may hold it already.
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("register node %s: %w", node.Name, err)
		}
	}
	for i := range p.options.Nodes {
		name := nodeName(i)
		err := p.await(ctx, "node "+name, func(ctx context.Context) error {
			node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			return schedulable(node)
		})
		if err != nil {
			return err
		}
	}
	if p.options.Nodes > 0 {
		p.progress.say("nodes are ready: %d", p.options.Nodes)
	}
	return nil
}

func nodeName(i int) string { return fmt.Sprintf("node-%d", i) }

func newNode(i int) *corev1.Node {
	name := nodeName(i)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:     name,
				corev1.LabelOSStable:     "linux",
				corev1.LabelArchStable:   "amd64",
				corev1.LabelTopologyZone: "local",
			},
		},
		Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: name},
			{Type: corev1.NodeInternalIP, Address: fmt.Sprintf("10.240.%d.%d", i/250, i%250+1)},
		}},
	}
}

// schedulable returns what keeps pods off the node. The taint of a node that is
// not ready stays on for a moment after it is.
func schedulable(node *corev1.Node) error {
	for _, taint := range node.Spec.Taints {
		return fmt.Errorf("taint %s", taint.Key)
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return fmt.Errorf("condition %s is not true", corev1.NodeReady)
}
