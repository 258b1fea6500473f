package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Principal is an entity that is able to perform operations on resources. It
// corresponds to a Kubernetes ServiceAccount of the same name in the namespace
// of its trust domain.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=prin,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="TrustDomain",type=string,JSONPath=`.spec.trustDomain`
// +kubebuilder:printcolumn:name="Roles",type=string,JSONPath=`.spec.roles`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.trustDomain`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:validation:XValidation:rule="!self.spec.xosManaged || self.metadata.name != 'default'",message="every namespace has a ServiceAccount named default already, which is never taken over: take another name",fieldPath=".metadata"
type Principal struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +optional
	// +kubebuilder:default={}
	Spec PrincipalSpec `json:"spec,omitempty"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status PrincipalStatus `json:"status,omitempty"`
}

// PrincipalSpec is the desired state of a principal.
//
// +kubebuilder:validation:XValidation:rule="has(self.trustDomain) == has(oldSelf.trustDomain) && (!has(self.trustDomain) || self.trustDomain == oldSelf.trustDomain)",message="trustDomain can't change: delete this object and create it in the other domain",fieldPath=".trustDomain"
type PrincipalSpec struct {
	Lifecycle `json:",inline"`

	// trustDomain in which this principal resides. It can't change. Defaults to
	// the trust domain of the object's own namespace. Until it exists, Ready is
	// False with reason ReferenceNotFound; where its allowedNamespaces do not
	// admit the object's namespace, with reason NotAdmitted.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// roles are the names of ClusterRoles to bind the principal to, in the
	// trust domain's namespace. Each must be one of the trust domain's
	// allowedRoles: otherwise none is bound, nor stays bound, and Ready is
	// False with reason NotAdmitted. Defaults to none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	Roles []RoleName `json:"roles,omitempty"`

	// imagePullSecrets are the names of Secrets, in the trust domain's
	// namespace, with which the principal's pods pull their images.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	ImagePullSecrets []ObjectName `json:"imagePullSecrets,omitempty"`

	// automountToken says whether pods of this principal get its token mounted.
	// If omitted, Kubernetes decides, and mounts it.
	// +optional
	AutomountToken *bool `json:"automountToken,omitempty"`
}

// PrincipalStatus is the observed state of a principal.
type PrincipalStatus struct {
	ObjectStatus `json:",inline"`
}

// PrincipalList is a list of principals.
//
// +kubebuilder:object:root=true
type PrincipalList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the principals.
	Items []Principal `json:"items"`
}

// GetLifecycle implements Object.
func (in *Principal) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *Principal) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
