package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KubernetesConfigMap is a set of named values. It corresponds to a ConfigMap of
// the same name in the namespace of its trust domain.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xcm,categories=xos
type KubernetesConfigMap struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what is wanted.
	// +optional
	// +kubebuilder:default={}
	Spec KubernetesConfigMapSpec `json:"spec,omitempty"`

	// status is what the controllers last saw.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesConfigMapStatus `json:"status,omitempty"`
}

// KubernetesConfigMapSpec says what is wanted of a config map.
type KubernetesConfigMapSpec struct {
	Lifecycle `json:",inline"`

	// trustDomain in which this config map resides. It can't change. Defaults
	// to the trust domain of the object's own namespace.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// data are the values, as text, by their keys.
	// +optional
	Data map[string]string `json:"data,omitempty"`

	// binaryData are values that are not text, base64-encoded, by their keys.
	// +optional
	BinaryData map[string][]byte `json:"binaryData,omitempty"`

	// immutable, once true, stays true, and data and binaryData can't change
	// any more. Kubelets need not watch such a config map. Defaults to false.
	// +optional
	Immutable bool `json:"immutable,omitempty"`
}

// KubernetesConfigMapStatus is what is known of a config map.
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
