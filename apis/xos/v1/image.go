package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Image is a container (or virtual machine) image that service instances run.
// No two images may have the same name, tag and digest.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=xim,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Repository",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="Tag",type=string,JSONPath=`.spec.tag`
// +kubebuilder:printcolumn:name="Instances",type=integer,JSONPath=`.status.instances`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.kind`,priority=1
// +kubebuilder:printcolumn:name="Digest",type=string,JSONPath=`.spec.digest`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.tag`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
type Image struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec identifies the image.
	// +required
	Spec ImageSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status ImageStatus `json:"status,omitempty"`
}

// ImageSpec identifies an image.
//
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !self.name.matches('@|:[^/]*$')",message="name is the repository alone: write what follows ':' as tag, and what follows '@' as digest",fieldPath=".name"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || self.name.matches('^(([a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?|[[][0-9a-fA-F:.]+[]])(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[^/]*|@.*)?$')",message="name must be a repository as registry.example.org:5000/team/app, lower-case after the registry",fieldPath=".name"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !has(self.tag) || self.tag.matches('^[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}$')",message="tag has at most 128 letters, digits, '_', '-' and '.', and does not begin with '-' or '.'",fieldPath=".tag"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !has(self.digest) || self.digest.matches('^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$')",message="digest must be sha256: and 64 hexadecimal digits, sha384: and 96, or sha512: and 128",fieldPath=".digest"
type ImageSpec struct {
	Managed `json:",inline"`

	// name is the repository, without tag and digest, such as
	// "registry.example.org:5000/team/app", "[fd00::5]:5000/team/app" or
	// "nginx". An inventoried image (xosManaged: false) has the name from its
	// pod, valid or not; so have tag and digest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Name string `json:"name"`

	// tag within the repository. If omitted, none is added: the runtime then
	// chooses one, usually "latest". When both tag and digest are set, the
	// digest decides.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Tag string `json:"tag,omitempty"`

	// digest names the content, such as "sha256:" and 64 hexadecimal digits;
	// sha384 and sha512 are accepted too.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Digest string `json:"digest,omitempty"`

	// kind of the image: container or vm. Only container images can be run by
	// a KubernetesServiceInstance. Defaults to container.
	// +optional
	// +kubebuilder:default=container
	Kind ImageKind `json:"kind,omitempty"`
}

// ImageKind is what an image runs on.
//
// +kubebuilder:validation:Enum=container;vm
type ImageKind string

const (
	// ImageKindContainer is an image that a container runtime runs.
	ImageKindContainer ImageKind = "container"
	// ImageKindVM is a disk image of a virtual machine.
	ImageKindVM ImageKind = "vm"
)

// ImageStatus is the observed state of an image.
type ImageStatus struct {
	ObjectStatus `json:",inline"`

	// reference is the complete image reference, as used in a pod spec.
	// +optional
	Reference string `json:"reference,omitempty"`

	// instances is the number of KubernetesServiceInstances that use the image.
	// +optional
	// +kubebuilder:default=0
	Instances int32 `json:"instances,omitempty"`
}

// ImageList is a list of images.
//
// +kubebuilder:object:root=true
type ImageList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the images.
	Items []Image `json:"items"`
}

// GetLifecycle implements Object.
func (in *Image) GetLifecycle() Lifecycle { return Lifecycle{Managed: in.Spec.Managed} }

// GetObjectStatus implements Object.
func (in *Image) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
