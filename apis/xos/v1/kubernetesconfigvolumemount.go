package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KubernetesConfigVolumeMount mounts a KubernetesConfigMap into a
// KubernetesServiceInstance, or into all pods of a Slice.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=xcvm,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="ConfigMap",type=string,JSONPath=`.spec.configMap`
// +kubebuilder:printcolumn:name="Instance",type=string,JSONPath=`.spec.serviceInstance`
// +kubebuilder:printcolumn:name="Slice",type=string,JSONPath=`.spec.slice`
// +kubebuilder:printcolumn:name="Path",type=string,JSONPath=`.spec.mountPath`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="SubPath",type=string,JSONPath=`.spec.subPath`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.configMap`
// +kubebuilder:selectablefield:JSONPath=`.spec.serviceInstance`
// +kubebuilder:selectablefield:JSONPath=`.spec.slice`
type KubernetesConfigVolumeMount struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares what is mounted where.
	// +required
	Spec KubernetesConfigVolumeMountSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesConfigVolumeMountStatus `json:"status,omitempty"`
}

// KubernetesConfigVolumeMountSpec declares what is mounted where.
type KubernetesConfigVolumeMountSpec struct {
	VolumeMount `json:",inline"`

	// configMap is the name of the KubernetesConfigMap to mount. It must be in
	// the same trust domain as the pod; while it does not exist, the pod is not
	// created.
	// +required
	ConfigMap ObjectName `json:"configMap"`
}

// KubernetesConfigVolumeMountStatus is the observed state of a mount.
type KubernetesConfigVolumeMountStatus struct {
	ObjectStatus `json:",inline"`
}

// KubernetesConfigVolumeMountList is a list of mounts.
//
// +kubebuilder:object:root=true
type KubernetesConfigVolumeMountList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the mounts.
	Items []KubernetesConfigVolumeMount `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesConfigVolumeMount) GetLifecycle() Lifecycle {
	return Lifecycle{Managed: in.Spec.Managed}
}

// GetObjectStatus implements Object.
func (in *KubernetesConfigVolumeMount) GetObjectStatus() *ObjectStatus {
	return &in.Status.ObjectStatus
}
