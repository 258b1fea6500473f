package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// KubernetesNode is a node of the cluster. It is always a record: the pull creates
// one of the same name for each Node, maintains its status, and deletes it with the
// Node. XOS never changes a Node.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=xnode,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=boolean,JSONPath=`.status.ready`
// +kubebuilder:printcolumn:name="Zone",type=string,JSONPath=`.status.zone`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.status.provider`
// +kubebuilder:printcolumn:name="Internal-IP",type=string,JSONPath=`.status.addresses[?(@.type=="InternalIP")].address`
// +kubebuilder:printcolumn:name="Pods",type=integer,JSONPath=`.status.pods`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Unschedulable",type=boolean,JSONPath=`.status.unschedulable`,priority=1
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.status.region`,priority=1
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.kubeletVersion`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.owner`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:selectablefield:JSONPath=`.status.zone`
// +kubebuilder:selectablefield:JSONPath=`.status.provider`
type KubernetesNode struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec relates the node to its cluster.
	// +optional
	// +kubebuilder:default={}
	Spec KubernetesNodeSpec `json:"spec,omitempty"`

	// status is the node as last observed.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesNodeStatus `json:"status,omitempty"`
}

// KubernetesNodeSpec relates a node to its cluster.
type KubernetesNodeSpec struct {
	// xosManaged is always false: this object is an inventory record of a Node,
	// which XOS never creates, changes or deletes. Defaults to false.
	// +optional
	// +kubebuilder:default=false
	// +kubebuilder:validation:XValidation:rule="!self",message="xosManaged is always false for a node: leave it out, XOS only records nodes"
	XOSManaged *bool `json:"xosManaged,omitempty"`

	// owner is the KubernetesService that the node is part of. It can't change.
	// Defaults to kubernetes, the cluster XOS runs in.
	// +optional
	// +kubebuilder:default=kubernetes
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="owner can't change: delete this object and create it with the other owner"
	Owner ObjectName `json:"owner,omitempty"`
}

// KubernetesNodeStatus is the observed state of a node. Its ready, not the condition
// of that name, says whether the node is ready: the condition is that of the record.
// Where the Node has more than a bound of a field admits, it is cut there.
type KubernetesNodeStatus struct {
	ObjectStatus `json:",inline"`

	// creationTimestamp is the time at which the Node was created.
	// +optional
	CreationTimestamp *metav1.Time `json:"creationTimestamp,omitempty"`

	// name of the Node.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// addresses of the Node in the order in which it has them, at most 64.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Addresses []NodeAddress `json:"addresses,omitempty"`

	// uid distinguishes the Node from earlier and later ones of the same name.
	// +optional
	UID types.UID `json:"uid,omitempty"`

	// provider is the part of providerID before "://", such as "openstack". It is
	// empty where there is no such part.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Provider string `json:"provider,omitempty"`

	// providerID is how the cloud provider names the machine, such as
	// "openstack:///41c40aab-80e9-4bb6-a280-27976bfc811f". It is recorded as the
	// Node has it, and empty where it has none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	ProviderID string `json:"providerID,omitempty"`

	// ready says whether the kubelet reports that the Node can take pods. It is
	// false where the kubelet has not reported, or not for too long.
	// +optional
	// +kubebuilder:default=false
	Ready bool `json:"ready,omitempty"`

	// unschedulable says whether new pods are kept off the Node, as after
	// "kubectl cordon".
	// +optional
	// +kubebuilder:default=false
	Unschedulable bool `json:"unschedulable,omitempty"`

	// zone of the Node, by its label topology.kubernetes.io/zone or the older
	// failure-domain.beta.kubernetes.io/zone.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Zone string `json:"zone,omitempty"`

	// region of the Node, by its label topology.kubernetes.io/region or the older
	// failure-domain.beta.kubernetes.io/region.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Region string `json:"region,omitempty"`

	// roles of the Node as kubectl shows them, by its labels
	// node-role.kubernetes.io/<role> and kubernetes.io/role, sorted, at most 64.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=253
	Roles []string `json:"roles,omitempty"`

	// kubeletVersion is the version of the kubelet, such as "v1.36.3".
	// +optional
	// +kubebuilder:validation:MaxLength=253
	KubeletVersion string `json:"kubeletVersion,omitempty"`

	// capacity is what the Node has of each resource, such as "cpu: 2" and
	// "memory: 3881900Ki". Of more than 64 resources, those of Kubernetes itself
	// come first, then all in the order of their names.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Capacity map[string]string `json:"capacity,omitempty"`

	// pods is the number of pods that are bound to the Node: also of those that the
	// pull does not select, and of those that have finished and still exist.
	// +optional
	// +kubebuilder:default=0
	Pods int32 `json:"pods,omitempty"`
}

// NodeAddress is an address of a node.
type NodeAddress struct {
	// type of the address, such as InternalIP, ExternalIP or Hostname.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Type string `json:"type"`

	// address is an IP address or a name, as the type says.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Address string `json:"address"`
}

// KubernetesNodeList is a list of nodes.
//
// +kubebuilder:object:root=true
type KubernetesNodeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the nodes.
	Items []KubernetesNode `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesNode) GetLifecycle() Lifecycle {
	return Lifecycle{Managed: Managed{XOSManaged: in.Spec.XOSManaged}}
}

// GetObjectStatus implements Object.
func (in *KubernetesNode) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
