package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KubernetesConfigMap is a set of named values. It corresponds to a ConfigMap of
// the same name in the namespace of its trust domain.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xcm,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="TrustDomain",type=string,JSONPath=`.spec.trustDomain`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Immutable",type=boolean,JSONPath=`.spec.immutable`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.trustDomain`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
type KubernetesConfigMap struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec KubernetesConfigMapSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesConfigMapStatus `json:"status,omitempty"`
}

// KubernetesConfigMapSpec is the desired state of a config map.
//
// +kubebuilder:validation:XValidation:rule="has(self.trustDomain) == has(oldSelf.trustDomain) && (!has(self.trustDomain) || self.trustDomain == oldSelf.trustDomain)",message="trustDomain can't change: delete this object and create it in the other domain",fieldPath=".trustDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.data) || !has(self.binaryData) || !self.data.exists(k, k in self.binaryData)",message="a key may be in data or in binaryData, not in both"
// +kubebuilder:validation:XValidation:rule="(has(self.data) ? self.data.map(k, k.size() + self.data[k].size()).sum() : 0) + (has(self.binaryData) ? self.binaryData.map(k, k.size() + self.binaryData[k].size()).sum() : 0) <= 1048576",message="keys and values together must not have more than 1 MiB (1048576 bytes)"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.immutable) || !oldSelf.immutable || (has(self.immutable) && self.immutable)",message="immutable can't be taken back: delete this object and create it again",fieldPath=".immutable"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.immutable) || !oldSelf.immutable || ((has(self.data) ? self.data : {}) == (has(oldSelf.data) ? oldSelf.data : {}) && (has(self.binaryData) ? self.binaryData : {}) == (has(oldSelf.binaryData) ? oldSelf.binaryData : {}))",message="data and binaryData can't change since immutable is true: create another config map and mount that"
type KubernetesConfigMapSpec struct {
	Lifecycle `json:",inline"`

	// trustDomain in which this config map resides. It can't change. Defaults to
	// the trust domain of the object's own namespace. Until it exists, Ready is
	// False with reason ReferenceNotFound; where its allowedNamespaces do not
	// admit the object's namespace, with reason NotAdmitted.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// data are the values, as text, by their keys. A key has 1 to 253 letters,
	// digits, "-", "_" and ".". All keys and values together have at most 1 MiB.
	// +optional
	// +kubebuilder:validation:MaxProperties=1024
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() > 0 && k.size() <= 253 && k.matches('^[-._a-zA-Z0-9]+$') && k != '.' && !k.startsWith('..'))",message="a key has 1 to 253 letters, digits, '-', '_' and '.', and does not begin with '..'"
	Data map[string]string `json:"data,omitempty"`

	// binaryData are values that are not text, base64-encoded, by their keys.
	// A key may not be in data too.
	// +optional
	// +kubebuilder:validation:MaxProperties=1024
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() > 0 && k.size() <= 253 && k.matches('^[-._a-zA-Z0-9]+$') && k != '.' && !k.startsWith('..'))",message="a key has 1 to 253 letters, digits, '-', '_' and '.', and does not begin with '..'"
	BinaryData map[string][]byte `json:"binaryData,omitempty"`

	// immutable, once true, stays true, and data and binaryData can't change.
	// Kubelets need not watch such a config map. Defaults to false.
	// +optional
	Immutable bool `json:"immutable,omitempty"`
}

// KubernetesConfigMapStatus is the observed state of a config map.
type KubernetesConfigMapStatus struct {
	ObjectStatus `json:",inline"`
}

// KubernetesConfigMapList is a list of config maps.
//
// +kubebuilder:object:root=true
type KubernetesConfigMapList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the config maps.
	Items []KubernetesConfigMap `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesConfigMap) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *KubernetesConfigMap) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
