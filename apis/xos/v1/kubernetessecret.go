package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// KubernetesSecret is a set of named values for pods, kept confidential. It
// corresponds to a Secret of the same name in the namespace of its trust
// domain. Whoever may read this kind may read the values: to keep them out of
// it, copy them from an existing Secret by dataFrom.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xsecret,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="TrustDomain",type=string,JSONPath=`.spec.trustDomain`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Immutable",type=boolean,JSONPath=`.spec.immutable`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.trustDomain`
// +kubebuilder:selectablefield:JSONPath=`.spec.type`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:validation:XValidation:rule="has(self.spec.trustDomain) || !has(self.spec.dataFrom) || !self.spec.dataFrom.exists(f, f.name == self.metadata.name)",message="dataFrom can't name the Secret that this object makes: take another name for one of them",fieldPath=".spec.dataFrom"
type KubernetesSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec KubernetesSecretSpec `json:"spec"`

	// status is the last observed state. It never contains a value.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesSecretStatus `json:"status,omitempty"`
}

// KubernetesSecretSpec is the desired state of a secret.
//
// +kubebuilder:validation:XValidation:rule="has(self.trustDomain) == has(oldSelf.trustDomain) && (!has(self.trustDomain) || self.trustDomain == oldSelf.trustDomain)",message="trustDomain can't change: delete this object and create it in the other domain",fieldPath=".trustDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.data) || !has(self.stringData) || !self.data.exists(k, k in self.stringData)",message="a key may be in data or in stringData, not in both"
// +kubebuilder:validation:XValidation:rule="(has(self.data) ? self.data.map(k, k.size() + self.data[k].size()).sum() : 0) + (has(self.stringData) ? self.stringData.map(k, k.size() + self.stringData[k].size()).sum() : 0) <= 1048576",message="keys and values together must not have more than 1 MiB (1048576 bytes)"
// +kubebuilder:validation:XValidation:rule="self.type != 'kubernetes.io/tls' || has(self.dataFrom) || ['tls.crt', 'tls.key'].all(k, (has(self.data) && k in self.data) || (has(self.stringData) && k in self.stringData))",message="a secret of type kubernetes.io/tls needs the keys tls.crt and tls.key"
// +kubebuilder:validation:XValidation:rule="self.type != 'kubernetes.io/dockerconfigjson' || has(self.dataFrom) || (has(self.data) && '.dockerconfigjson' in self.data) || (has(self.stringData) && '.dockerconfigjson' in self.stringData)",message="a secret of type kubernetes.io/dockerconfigjson needs the key .dockerconfigjson"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.immutable) || !oldSelf.immutable || (has(self.immutable) && self.immutable)",message="immutable can't be taken back: delete this object and create it again",fieldPath=".immutable"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.immutable) || !oldSelf.immutable || ((has(self.data) ? self.data : {}) == (has(oldSelf.data) ? oldSelf.data : {}) && (has(self.stringData) ? self.stringData : {}) == (has(oldSelf.stringData) ? oldSelf.stringData : {}) && (has(self.dataFrom) ? self.dataFrom : []) == (has(oldSelf.dataFrom) ? oldSelf.dataFrom : []))",message="data, stringData and dataFrom can't change since immutable is true: create another secret and mount that"
type KubernetesSecretSpec struct {
	Lifecycle `json:",inline"`

	// trustDomain in which this secret resides. It can't change. Defaults to
	// the trust domain of the object's own namespace. Until it exists, Ready is
	// False with reason ReferenceNotFound; where its allowedNamespaces do not
	// admit the object's namespace, with reason NotAdmitted.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// type of the Secret, such as "kubernetes.io/tls". It can't change.
	// Defaults to Opaque.
	// +optional
	// +kubebuilder:default=Opaque
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type can't change: delete this object and create it with the other type"
	// +kubebuilder:validation:XValidation:rule="!(self in ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])",message="tokens of this type are made by Kubernetes: leave them to it"
	Type corev1.SecretType `json:"type,omitempty"`

	// data are the values, base64-encoded, by their keys. A key has 1 to 253
	// letters, digits, "-", "_" and ".". All keys and values together have at
	// most 1 MiB.
	// +optional
	// +kubebuilder:validation:MaxProperties=1024
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() > 0 && k.size() <= 253 && k.matches('^[-._a-zA-Z0-9]+$') && k != '.' && !k.startsWith('..'))",message="a key has 1 to 253 letters, digits, '-', '_' and '.', and does not begin with '..'"
	Data map[string][]byte `json:"data,omitempty"`

	// stringData are values as plain text, by their keys. A key may not be in
	// data too.
	// +optional
	// +kubebuilder:validation:MaxProperties=1024
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() > 0 && k.size() <= 253 && k.matches('^[-._a-zA-Z0-9]+$') && k != '.' && !k.startsWith('..'))",message="a key has 1 to 253 letters, digits, '-', '_' and '.', and does not begin with '..'"
	StringData map[string]string `json:"stringData,omitempty"`

	// dataFrom copies values from existing Secrets of this object's namespace.
	// Where the trust domain's namespace is another one, each of them must
	// carry the annotation xos.opencord.org/shared-with with the trust domain's
	// name in its comma-separated value: until then Ready is False with reason
	// NotAdmitted. Tokens of service accounts and bootstrap tokens can't be
	// copied. When two have the same key, the later one counts; data and
	// stringData take precedence over both. The native Secret of this object
	// can't be one of them: where trustDomain is set, Ready is False with
	// reason Invalid.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	DataFrom []SecretSource `json:"dataFrom,omitempty"`

	// immutable, once true, stays true, and data, stringData and dataFrom can't
	// change. Defaults to false.
	// +optional
	Immutable bool `json:"immutable,omitempty"`
}

// SecretSource copies values from an existing Secret.
type SecretSource struct {
	// name of the Secret, in the namespace of the object that names it. While
	// it does not exist, Ready is False with reason ReferenceNotFound.
	// +required
	Name ObjectName `json:"name"`

	// items are the values to copy. If omitted, all are copied under their
	// keys.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=64
	Items []SecretSourceItem `json:"items,omitempty"`
}

// SecretSourceItem copies one value.
type SecretSourceItem struct {
	// key of the value in the existing Secret.
	// +required
	Key DataKey `json:"key"`

	// as is the key of the copy. Defaults to key.
	// +optional
	As DataKey `json:"as,omitempty"`
}

// KubernetesSecretStatus is the observed state of a secret, never a value.
type KubernetesSecretStatus struct {
	ObjectStatus `json:",inline"`
}

// KubernetesSecretList is a list of secrets.
//
// +kubebuilder:object:root=true
type KubernetesSecretList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the secrets.
	Items []KubernetesSecret `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesSecret) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *KubernetesSecret) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
