package v1

import corev1 "k8s.io/api/core/v1"

// PodTemplate is a pod, or the rest of one: what its kind determines (the
// container that runs the image, the service account, the volumes of mounts) is
// merged into it, so that its containers may be omitted.
//
// A service account of the template's own would let its author run as any
// ServiceAccount of the trust domain, whoever created it.
//
// +kubebuilder:validation:XValidation:rule="!has(self.spec) || !(has(self.spec.serviceAccountName) || has(self.spec.serviceAccount))",message="a template has no service account of its own: name a Principal in the slice's spec.principal",fieldPath=".spec"
type PodTemplate struct {
	// metadata is put on each pod.
	// +optional
	Metadata TemplateMetadata `json:"metadata,omitempty"`

	// spec is the native pod spec. Its serviceAccountName must not be set, and it
	// has no ephemeralContainers. A priorityClassName that begins with "system-"
	// must be one of the trust domain's allowedPriorityClasses.
	// +optional
	Spec corev1.PodSpec `json:"spec,omitempty"`
}

// TemplateMetadata is the metadata that a template sets on what is created from
// it.
type TemplateMetadata struct {
	// labels to put on each object. Those of xos.opencord.org/ are set by XOS,
	// which selects a slice's pods by them, and are refused here. So is
	// app.kubernetes.io/managed-by with the value xos.opencord.org.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="a label's key is a name of at most 63 letters, digits, '-', '_' and '.', if need be after a domain and '/'"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, k.startsWith('xos.opencord.org/'))",message="labels of xos.opencord.org/ are set by XOS: leave them out"
	// +kubebuilder:validation:XValidation:rule="!('app.kubernetes.io/managed-by' in self) || self['app.kubernetes.io/managed-by'] != 'xos.opencord.org'",message="the label app.kubernetes.io/managed-by: xos.opencord.org is set by XOS: leave it out"
	// +kubebuilder:validation:XValidation:rule="self.all(k, self[k].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))",message="a label's value has letters, digits, '-', '_' and '.', with a letter or digit at both ends"
	Labels map[string]string `json:"labels,omitempty"`

	// annotations to put on each object. Those of xos.opencord.org/ are set by
	// XOS and are refused here.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="an annotation's key is a name of at most 63 letters, digits, '-', '_' and '.', if need be after a domain and '/'"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, k.startsWith('xos.opencord.org/'))",message="annotations of xos.opencord.org/ are set by XOS: leave them out"
	// +kubebuilder:validation:XValidation:rule="self.map(k, k.size() + self[k].size()).sum() <= 262144",message="annotations together must not have more than 256 KiB"
	Annotations map[string]string `json:"annotations,omitempty"`
}

// VolumeClaimTemplate is a volume that each pod of a StatefulSet has for
// itself.
type VolumeClaimTemplate struct {
	// name of the volume, by which the template's volumeMounts refer to it.
	// +required
	Name VolumeName `json:"name"`

	// metadata is put on each claim.
	// +optional
	Metadata TemplateMetadata `json:"metadata,omitempty"`

	// spec is the native claim's spec.
	// +required
	Spec corev1.PersistentVolumeClaimSpec `json:"spec"`
}
