package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Service exposes compute resources to other services and to the outside world.
// It typically contains one or more slices, which name it. With at least one
// ServicePort, and all its slices in one trust domain, it corresponds to native
// Services there, one for each exposure: for NodePort one of the same name, for
// the others with the suffix "-loadbalancer" or "-clusterip".
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xsvc,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.kind`
// +kubebuilder:printcolumn:name="Namespace",type=string,JSONPath=`.status.namespace`
// +kubebuilder:printcolumn:name="Cluster-IP",type=string,JSONPath=`.status.clusterIP`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Enabled",type=boolean,JSONPath=`.spec.enabled`,priority=1
// +kubebuilder:printcolumn:name="Site",type=string,JSONPath=`.spec.site`,priority=1
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.spec.versionNumber`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.site`
// +kubebuilder:selectablefield:JSONPath=`.spec.kind`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="the name becomes the native Service's: at most 63 lower-case letters, digits and '-', beginning with a letter",fieldPath=".metadata"
type Service struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +optional
	// +kubebuilder:default={}
	Spec ServiceSpec `json:"spec,omitempty"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status ServiceStatus `json:"status,omitempty"`
}

// ServiceSpec is the desired state of a service.
type ServiceSpec struct {
	Lifecycle `json:",inline"`

	// description for people.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// enabled decides whether the service is exposed. A disabled one has no
	// native Service. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// kind of the service: generic, data (plane), control (plane) or oss. It is
	// a record only. Defaults to generic.
	// +optional
	// +kubebuilder:default=generic
	Kind ServiceKind `json:"kind,omitempty"`

	// versionNumber of the service, for people.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	VersionNumber string `json:"versionNumber,omitempty"`

	// site that the service belongs to, for administrative accountability.
	// Until it exists, Ready is False with reason ReferenceNotFound.
	// +optional
	Site ObjectName `json:"site,omitempty"`
}

// ServiceKind is the purpose of a service.
//
// +kubebuilder:validation:Enum=generic;data;control;oss
type ServiceKind string

const (
	// ServiceKindGeneric is any service.
	ServiceKindGeneric ServiceKind = "generic"
	// ServiceKindData is part of the data plane.
	ServiceKindData ServiceKind = "data"
	// ServiceKindControl is part of the control plane.
	ServiceKindControl ServiceKind = "control"
	// ServiceKindOSS is part of the operations support system.
	ServiceKindOSS ServiceKind = "oss"
)

// ServiceStatus is the observed state of a service.
type ServiceStatus struct {
	ObjectStatus `json:",inline"`

	// namespace of the native Services.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// clusterIP is the address of the service within the cluster.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	ClusterIP string `json:"clusterIP,omitempty"`

	// services are the native Services, at most one for each exposure.
	// +optional
	// +listType=map
	// +listMapKey=exposure
	// +kubebuilder:validation:MaxItems=3
	Services []NativeService `json:"services,omitempty"`

	// endpoints are where the service can be reached.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1024
	Endpoints []Endpoint `json:"endpoints,omitempty"`
}

// NativeService names a native Service.
type NativeService struct {
	// exposure of the ports that the native Service has.
	// +required
	Exposure Exposure `json:"exposure"`

	// name of the native Service.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
}

// Endpoint is an address and port where a service can be reached.
type Endpoint struct {
	// name of the ServicePort.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// scope says from where the address can be reached.
	// +optional
	Scope EndpointScope `json:"scope,omitempty"`

	// address is an IP address or a host name. It is empty for a node port,
	// which is reached at the address of any node.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Address string `json:"address,omitempty"`

	// port at the address.
	// +optional
	Port int32 `json:"port,omitempty"`

	// nodePort is the port on every node, where there is one.
	// +optional
	NodePort int32 `json:"nodePort,omitempty"`

	// protocol of the port: TCP, UDP or SCTP.
	// +optional
	// +kubebuilder:validation:Enum=TCP;UDP;SCTP
	Protocol corev1.Protocol `json:"protocol,omitempty"`
}

// EndpointScope says from where an endpoint can be reached.
//
// +kubebuilder:validation:Enum=Cluster;Node;External
type EndpointScope string

const (
	// EndpointScopeCluster is within the cluster.
	EndpointScopeCluster EndpointScope = "Cluster"
	// EndpointScopeNode is wherever a node can be reached.
	EndpointScopeNode EndpointScope = "Node"
	// EndpointScopeExternal is wherever a load balancer can be reached.
	EndpointScopeExternal EndpointScope = "External"
)

// ServiceList is a list of services.
//
// +kubebuilder:object:root=true
type ServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the services.
	Items []Service `json:"items"`
}

// GetLifecycle implements Object.
func (in *Service) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *Service) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
