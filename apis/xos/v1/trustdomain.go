package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TrustDomain groups services and their resources together into a Kubernetes
// namespace, and says who may put resources there and with which rights.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=td,categories=xos
type TrustDomain struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what is wanted.
	// +optional
	// +kubebuilder:default={}
	Spec TrustDomainSpec `json:"spec,omitempty"`

	// status is what the controllers last saw.
	// +optional
	// +default={"observedGeneration": -1}
	Status TrustDomainStatus `json:"status,omitempty"`
}

// TrustDomainSpec says what is wanted of a trust domain.
type TrustDomainSpec struct {
	Lifecycle `json:",inline"`

	// owner is the KubernetesService that is partitioned by this trust domain.
	// It can't change. Defaults to kubernetes, the cluster XOS runs in.
	// +optional
	// +kubebuilder:default=kubernetes
	Owner ObjectName `json:"owner,omitempty"`

	// namespace is the name of the Kubernetes namespace. It can't change.
	// Defaults to the name of the trust domain.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// labels to put on the namespace.
	// +optional
	Labels map[string]string `json:"labels,omitempty"`

	// annotations to put on the namespace.
	// +optional
	Annotations map[string]string `json:"annotations,omitempty"`

	// podSecurity is the Pod Security Standard that the namespace enforces on
	// its pods: privileged, baseline or restricted. A change of the native
	// label by somebody else is reverted. Left out, the label is not set.
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// allowedNamespaces says from which namespaces resources may name this
	// trust domain. Defaults to the trust domain's own namespace.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`

	// allowedRoles are the names of the ClusterRoles that principals of this
	// trust domain may be bound to, in its namespace only. Defaults to none.
	// +optional
	// +listType=set
	AllowedRoles []string `json:"allowedRoles,omitempty"`
}

// PodSecurityLevel is one of the Pod Security Standards.
//
// +kubebuilder:validation:Enum=privileged;baseline;restricted
type PodSecurityLevel string

const (
	// PodSecurityPrivileged restricts nothing.
	PodSecurityPrivileged PodSecurityLevel = "privileged"
	// PodSecurityBaseline prevents known privilege escalations.
	PodSecurityBaseline PodSecurityLevel = "baseline"
	// PodSecurityRestricted follows current hardening practice.
	PodSecurityRestricted PodSecurityLevel = "restricted"
)

// AllowedNamespaces selects the namespaces whose resources a domain admits.
type AllowedNamespaces struct {
	// from is Same (only the trust domain's own namespace), All, or Selector
	// (its own and those that selector selects). Defaults to Same.
	// +optional
	// +kubebuilder:default=Same
	From NamespacesFrom `json:"from,omitempty"`

	// selector selects namespaces by their labels. It must be set if from is
	// Selector, and must not be set otherwise.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// NamespacesFrom says how namespaces are selected.
//
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

const (
	// NamespacesFromSame is the domain's own namespace.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll is all namespaces.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector is the domain's own namespace and those that a
	// label selector selects.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// TrustDomainStatus is what is known of a trust domain.
type TrustDomainStatus struct {
	ObjectStatus `json:",inline"`

	// namespace is the namespace that this trust domain corresponds to.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// phase of the namespace: Active or Terminating.
	// +optional
	Phase string `json:"phase,omitempty"`
}

// TrustDomainList is a list of trust domains.
//
// +kubebuilder:object:root=true
type TrustDomainList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the trust domains.
	Items []TrustDomain `json:"items"`
}

// GetLifecycle implements Object.
func (in *TrustDomain) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *TrustDomain) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
