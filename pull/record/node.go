package record

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// What the API server bounds of a node is little, so that its kubelet may write more than
// a record takes. These are the bounds of the record's own fields.
const (
	maxNodeText      = 253
	maxNodeLabel     = 63
	maxProviderID    = 1024
	maxQuantity      = 64
	maxNodeAddresses = 64
	maxNodeRoles     = 64
	maxNodeCapacity  = 64
)

// The labels of nodes that kubectl reads too, and those of before topology.kubernetes.io.
const (
	rolePrefix   = "node-role.kubernetes.io/"
	roleLabel    = "kubernetes.io/role"
	zoneBefore   = corev1.LabelFailureDomainBetaZone
	regionBefore = corev1.LabelFailureDomainBetaRegion
)

// NewNode returns the record of a node.
func NewNode(node *corev1.Node) *xosv1.KubernetesNode {
	return &xosv1.KubernetesNode{
		ObjectMeta: pulled("", node.Name, MirroredNode(node)),
		Spec:       xosv1.KubernetesNodeSpec{XOSManaged: ptr.To(false), Owner: xosv1.DefaultKubernetesService},
	}
}

// MirroredNode identifies a node as its record mirrors it.
func MirroredNode(node *corev1.Node) ownership.Mirrored {
	return ownership.Mirrored{Kind: NodeKind, Name: cache.MetaObjectToName(node), UID: node.UID}
}

// NodeStatus is what the record of a node shows of it, but for the conditions and the
// number of its pods. No heartbeat changes it. What a node lacks is left out; nothing
// that a node may have is an error.
func NodeStatus(node *corev1.Node) xosv1.KubernetesNodeStatus {
	return xosv1.KubernetesNodeStatus{
		CreationTimestamp: created(node),
		Name:              cut(node.Name, maxNodeText),
		Addresses:         addressesOf(node),
		UID:               node.UID,
		Provider:          providerOf(node.Spec.ProviderID),
		ProviderID:        cut(node.Spec.ProviderID, maxProviderID),
		Ready:             ready(node),
		Unschedulable:     node.Spec.Unschedulable,
		Zone:              labelOf(node, corev1.LabelTopologyZone, zoneBefore),
		Region:            labelOf(node, corev1.LabelTopologyRegion, regionBefore),
		Roles:             rolesOf(node),
		KubeletVersion:    cut(node.Status.NodeInfo.KubeletVersion, maxNodeText),
		Capacity:          capacityOf(node),
	}
}

func created(node *corev1.Node) *metav1.Time {
	if node.CreationTimestamp.IsZero() {
		return nil
	}
	return node.CreationTimestamp.DeepCopy()
}

func addressesOf(node *corev1.Node) []xosv1.NodeAddress {
	var addresses []xosv1.NodeAddress
	for _, a := range node.Status.Addresses[:min(len(node.Status.Addresses), maxNodeAddresses)] {
		addresses = append(addresses, xosv1.NodeAddress{Type: cut(string(a.Type), maxNodeText), Address: cut(a.Address, maxNodeText)})
	}
	return addresses
}

// providerOf is the part of a provider ID before "://"; empty where there is none.
func providerOf(id string) string {
	provider, _, found := strings.Cut(id, "://")
	if !found {
		return ""
	}
	return cut(provider, maxNodeText)
}

func ready(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// labelOf is the value of the first of several labels that a node has.
func labelOf(node *corev1.Node, keys ...string) string {
	for _, key := range keys {
		if value := node.Labels[key]; value != "" {
			return cut(value, maxNodeLabel)
		}
	}
	return ""
}

func rolesOf(node *corev1.Node) []string {
	var roles []string
	for key, value := range node.Labels {
		switch role, found := strings.CutPrefix(key, rolePrefix); {
		case found && role != "":
			roles = append(roles, cut(role, maxNodeText))
		case key == roleLabel && value != "":
			roles = append(roles, cut(value, maxNodeText))
		}
	}
	slices.Sort(roles)
	roles = slices.Compact(roles)
	return roles[:min(len(roles), maxNodeRoles)]
}

// capacityOf shows what a node has of each resource. A device plugin may add any number.
func capacityOf(node *corev1.Node) map[string]string {
	if len(node.Status.Capacity) == 0 {
		return nil
	}
	shown := map[string]string{}
	for _, name := range slices.SortedFunc(maps.Keys(node.Status.Capacity), nativeFirst) {
		if len(shown) == maxNodeCapacity {
			break
		}
		quantity := node.Status.Capacity[name]
		shown[string(name)] = cut(quantity.String(), maxQuantity)
	}
	return shown
}

// nativeFirst compares the names of resources. Those of Kubernetes itself have no domain.
func nativeFirst(a, b corev1.ResourceName) int {
	switch other, others := strings.Contains(string(a), "/"), strings.Contains(string(b), "/"); {
	case !other && others:
		return -1
	case other && !others:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// cut shortens a text to a number of bytes, with no part of a character at its end.
func cut(text string, longest int) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "")
}
