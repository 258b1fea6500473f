package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ServicePort maps a port of a service's pods to a port that others can reach.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xport,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Exposure",type=string,JSONPath=`.spec.exposure`
// +kubebuilder:printcolumn:name="Internal",type=integer,JSONPath=`.spec.internalPort`
// +kubebuilder:printcolumn:name="External",type=integer,JSONPath=`.spec.externalPort`
// +kubebuilder:printcolumn:name="Protocol",type=string,JSONPath=`.spec.protocol`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="NodePort",type=integer,JSONPath=`.status.nodePort`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.service`
// +kubebuilder:selectablefield:JSONPath=`.spec.exposure`
// +kubebuilder:validation:XValidation:rule="!self.spec.xosManaged || self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name becomes that of the native Service's port: at most 63 lower-case letters, digits and '-'",fieldPath=".metadata"
type ServicePort struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec ServicePortSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status ServicePortStatus `json:"status,omitempty"`
}

// ServicePortSpec is the desired state of a port.
//
// +kubebuilder:validation:XValidation:rule="self.exposure != 'NodePort' || !has(self.externalPort) || (self.externalPort >= 30000 && self.externalPort <= 32767)",message="externalPort must be from 30000 to 32767 with exposure NodePort: leave it out to get a free one, or take exposure LoadBalancer for any port",fieldPath=".externalPort"
type ServicePortSpec struct {
	Managed `json:",inline"`

	// service whose port this is. It can't change. Until it exists, Ready is
	// False with reason ReferenceNotFound.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="service can't change: delete this port and create one of the other service"
	Service ObjectName `json:"service"`

	// internalPort is the port that the service's pods listen on, 1 to 65535.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	InternalPort int32 `json:"internalPort"`

	// externalPort is the port that others reach. With exposure NodePort it is
	// the port on every node, 30000 to 32767; if it is omitted, a free one is
	// allocated and kept, whatever else of the port changes. Otherwise it is
	// the native Service's port, 1 to 65535, and defaults to internalPort. Of
	// two ports of a service that request the same, the one that has it keeps
	// it, or else the older one gets it; the other waits and keeps what it has.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	ExternalPort *int32 `json:"externalPort,omitempty"`

	// protocol of the port: TCP, UDP or SCTP. Defaults to TCP.
	// +optional
	// +kubebuilder:default=TCP
	// +kubebuilder:validation:Enum=TCP;UDP;SCTP
	Protocol corev1.Protocol `json:"protocol,omitempty"`

	// exposure decides from where the port is reachable. NodePort: wherever a
	// node is reachable. LoadBalancer: wherever the load balancer that the
	// cluster provides is reachable. ClusterIP: the pods of the cluster.
	// Defaults to NodePort.
	// +optional
	// +kubebuilder:default=NodePort
	Exposure Exposure `json:"exposure,omitempty"`
}

// Exposure decides from where a port is reachable.
//
// +kubebuilder:validation:Enum=NodePort;LoadBalancer;ClusterIP
type Exposure string

const (
	// ExposureNodePort opens the port on every node.
	ExposureNodePort Exposure = "NodePort"
	// ExposureLoadBalancer opens the port on a load balancer.
	ExposureLoadBalancer Exposure = "LoadBalancer"
	// ExposureClusterIP opens the port within the cluster.
	ExposureClusterIP Exposure = "ClusterIP"
)

// ServicePortStatus is the observed state of a port.
type ServicePortStatus struct {
	ObjectStatus `json:",inline"`

	// nodePort is the port on every node, where there is one.
	// +optional
	NodePort int32 `json:"nodePort,omitempty"`
}

// ServicePortList is a list of ports.
//
// +kubebuilder:object:root=true
type ServicePortList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the ports.
	Items []ServicePort `json:"items"`
}

// GetLifecycle implements Object.
func (in *ServicePort) GetLifecycle() Lifecycle { return Lifecycle{Managed: in.Spec.Managed} }

// GetObjectStatus implements Object.
func (in *ServicePort) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
