package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DefaultKubernetesService is the name of the KubernetesService that the
// controllers create for the cluster they run in, and the default owner.
const DefaultKubernetesService = "kubernetes"

// KubernetesService is a Kubernetes cluster, the root of the hierarchy: each
// model is traceable back to one. The controllers create one named "kubernetes"
// for the cluster they run in.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=xks,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Pods",type=integer,JSONPath=`.status.pods`
// +kubebuilder:printcolumn:name="Instances",type=integer,JSONPath=`.status.instances`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Pull",type=boolean,JSONPath=`.spec.pull.enabled`,priority=1
// +kubebuilder:printcolumn:name="Listed",type=date,JSONPath=`.status.lastFullList`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
type KubernetesService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the cluster.
	// +optional
	// +kubebuilder:default={}
	Spec KubernetesServiceSpec `json:"spec,omitempty"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesServiceStatus `json:"status,omitempty"`
}

// KubernetesServiceSpec is the desired state of a cluster.
type KubernetesServiceSpec struct {
	Managed `json:",inline"`

	// pull selects the pods of the cluster that are inventoried.
	// +optional
	// +kubebuilder:default={}
	Pull PullSpec `json:"pull,omitempty"`
}

// PullSpec selects the pods that become KubernetesServiceInstances.
type PullSpec struct {
	// enabled turns the inventory on. When it is turned off, existing records
	// stay as they are. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// namespaceSelector selects namespaces by their labels. If omitted, all
	// namespaces are selected.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator must be In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="In and NotIn need values, Exists and DoesNotExist must have none"
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`

	// podSelector selects pods by their labels. If omitted, all pods are
	// selected.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator must be In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="In and NotIn need values, Exists and DoesNotExist must have none"
	PodSelector *metav1.LabelSelector `json:"podSelector,omitempty"`

	// excludeNamespaces are names of namespaces that are never inventoried,
	// whatever namespaceSelector says.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	ExcludeNamespaces []NamespaceName `json:"excludeNamespaces,omitempty"`

	// resyncSeconds is the time between two complete lists of the cluster's
	// pods, by which lost watch events are detected, in seconds, 10 to 86400.
	// Defaults to 600.
	// +optional
	// +kubebuilder:default=600
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=86400
	ResyncSeconds *int32 `json:"resyncSeconds,omitempty"`
}

// KubernetesServiceStatus is the observed state of a cluster.
type KubernetesServiceStatus struct {
	ObjectStatus `json:",inline"`

	// version is the API server's version, such as "v1.36.3".
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Version string `json:"version,omitempty"`

	// nodes is the number of nodes.
	// +optional
	// +kubebuilder:default=0
	Nodes int32 `json:"nodes,omitempty"`

	// pods is the number of the cluster's pods, also of those that the pull does
	// not select.
	// +optional
	// +kubebuilder:default=0
	Pods int32 `json:"pods,omitempty"`

	// instances is the number of KubernetesServiceInstances, pulled ones and
	// managed ones together.
	// +optional
	// +kubebuilder:default=0
	Instances int32 `json:"instances,omitempty"`

	// lastFullList is the time of the last complete list that found something
	// to report.
	// +optional
	LastFullList *metav1.Time `json:"lastFullList,omitempty"`
}

// KubernetesServiceList is a list of clusters.
//
// +kubebuilder:object:root=true
type KubernetesServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the clusters.
	Items []KubernetesService `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesService) GetLifecycle() Lifecycle { return Lifecycle{Managed: in.Spec.Managed} }

// GetObjectStatus implements Object.
func (in *KubernetesService) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
