package v1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// KubernetesSecret is a set of named values for pods, kept confidential. It
// corresponds to a Secret of the same name in the namespace of its trust domain.
// Who may read this kind may read the values: to keep them out of it, take them
// from an existing Secret by dataFrom.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xsecret,categories=xos
type KubernetesSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what is wanted.
	// +optional
	// +kubebuilder:default={}
	Spec KubernetesSecretSpec `json:"spec,omitempty"`

	// status is what the controllers last saw. It never holds a value.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesSecretStatus `json:"status,omitempty"`
}

// KubernetesSecretSpec says what is wanted of a secret.
type KubernetesSecretSpec struct {
	Lifecycle `json:",inline"`

	// trustDomain in which this secret resides. It can't change. Defaults to
	// the trust domain of the object's own namespace.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// type of the Secret, as "kubernetes.io/tls". It can't change. Defaults to
	// Opaque.
	// +optional
	// +kubebuilder:default=Opaque
	Type corev1.SecretType `json:"type,omitempty"`

	// data are the values, base64-encoded, by their keys.
	// +optional
	Data map[string][]byte `json:"data,omitempty"`

	// stringData are values as plain text, by their keys. A key may not be in
	// data too.
	// +optional
	StringData map[string]string `json:"stringData,omitempty"`

	// dataFrom takes values from existing Secrets of this object's namespace.
	// When two bring the same key, the later one counts; data and stringData
	// win over both.
	// +optional
	// +listType=map
	// +listMapKey=name
	DataFrom []SecretSource `json:"dataFrom,omitempty"`

	// immutable, once true, stays true, and data, stringData and dataFrom
	// can't change any more. Defaults to false.
	// +optional
	Immutable bool `json:"immutable,omitempty"`
}

// SecretSource takes values from an existing Secret.
type SecretSource struct {
	// name of the Secret, in the namespace of the object that names it. While
	// it does not exist, Ready is False with reason ReferenceNotFound.
	// +required
	Name ObjectName `json:"name"`

	// items are the values to take. Left out, all are taken under their keys.
	// +optional
	// +listType=map
	// +listMapKey=key
	Items []SecretSourceItem `json:"items,omitempty"`
}

// SecretSourceItem takes one value.
type SecretSourceItem struct {
	// key of the value in the existing Secret.
	// +required
	Key string `json:"key"`

	// as is the key under which the value is put. Defaults to key.
	// +optional
	As string `json:"as,omitempty"`
}

// KubernetesSecretStatus is what is known of a secret, never a value.
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
