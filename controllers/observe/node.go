package observe

import (
	corev1 "k8s.io/api/core/v1"
)

// ReduceNode removes from a node all that is not read: images, volumes, taints, and what the
// kubelet renews with each heartbeat. What remains is the metadata, by which the owners of static
// pods are resolved too, and what the record of a node shows.
func ReduceNode(node *corev1.Node) {
	node.Spec = corev1.NodeSpec{ProviderID: node.Spec.ProviderID, Unschedulable: node.Spec.Unschedulable}
	var conditions []corev1.NodeCondition
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			conditions = []corev1.NodeCondition{{Type: c.Type, Status: c.Status}}
		}
	}
	node.Status = corev1.NodeStatus{
		Capacity: node.Status.Capacity, Addresses: node.Status.Addresses, Conditions: conditions,
		NodeInfo: corev1.NodeSystemInfo{KubeletVersion: node.Status.NodeInfo.KubeletVersion},
	}
}
