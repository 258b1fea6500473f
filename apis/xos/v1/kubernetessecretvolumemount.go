package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KubernetesSecretVolumeMount mounts a KubernetesSecret into a
// KubernetesServiceInstance, or into all pods of a Slice.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xsvm,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Secret",type=string,JSONPath=`.spec.secret`
// +kubebuilder:printcolumn:name="Instance",type=string,JSONPath=`.spec.serviceInstance`
// +kubebuilder:printcolumn:name="Slice",type=string,JSONPath=`.spec.slice`
// +kubebuilder:printcolumn:name="Path",type=string,JSONPath=`.spec.mountPath`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="SubPath",type=string,JSONPath=`.spec.subPath`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.secret`
// +kubebuilder:selectablefield:JSONPath=`.spec.serviceInstance`
// +kubebuilder:selectablefield:JSONPath=`.spec.slice`
type KubernetesSecretVolumeMount struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares what is mounted where.
	// +required
	Spec KubernetesSecretVolumeMountSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesSecretVolumeMountStatus `json:"status,omitempty"`
}

// KubernetesSecretVolumeMountSpec declares what is mounted where.
type KubernetesSecretVolumeMountSpec struct {
	VolumeMount `json:",inline"`

	// secret is the name of the KubernetesSecret to mount. It must be in the
	// same trust domain as the pod; while it does not exist, the pod is not
	// created.
	// +required
	Secret ObjectName `json:"secret"`
}

// KubernetesSecretVolumeMountStatus is the observed state of a mount.
type KubernetesSecretVolumeMountStatus struct {
	ObjectStatus `json:",inline"`
}

// KubernetesSecretVolumeMountList is a list of mounts.
//
// +kubebuilder:object:root=true
type KubernetesSecretVolumeMountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the mounts.
	Items []KubernetesSecretVolumeMount `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesSecretVolumeMount) GetLifecycle() Lifecycle {
	return Lifecycle{Managed: in.Spec.Managed}
}

// GetObjectStatus implements Object.
func (in *KubernetesSecretVolumeMount) GetObjectStatus() *ObjectStatus {
	return &in.Status.ObjectStatus
}
