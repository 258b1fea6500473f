package v1

import corev1 "k8s.io/api/core/v1"

// PodTemplate is a pod, or the rest of one: what its kind knows already (the
// container that runs the image, the service account, the volumes of mounts) is
// laid over it, so that its containers may be left out.
type PodTemplate struct {
	// metadata is put on each pod.
	// +optional
	Metadata TemplateMetadata `json:"metadata,omitempty"`

	// spec is the native pod spec.
	// +optional
	Spec corev1.PodSpec `json:"spec,omitempty"`
}

// TemplateMetadata is the metadata that a template puts on what is made from it.
type TemplateMetadata struct {
	// labels to put on each object.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Labels map[string]string `json:"labels,omitempty"`

	// annotations to put on each object.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Annotations map[string]string `json:"annotations,omitempty"`
}

// VolumeClaimTemplate is a volume that each pod of a StatefulSet gets for itself.
type VolumeClaimTemplate struct {
	// name of the volume, by which the template's volumeMounts refer to it.
	// +required
	Name string `json:"name"`

	// metadata is put on each claim.
	// +optional
	Metadata TemplateMetadata `json:"metadata,omitempty"`

	// spec is the native claim's spec.
	// +required
	Spec corev1.PersistentVolumeClaimSpec `json:"spec"`
}
