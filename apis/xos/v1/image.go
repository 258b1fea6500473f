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
type Image struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says which image this is.
	// +required
	Spec ImageSpec `json:"spec"`

	// status is what the controllers last saw.
	// +optional
	// +default={"observedGeneration": -1}
	Status ImageStatus `json:"status,omitempty"`
}

// ImageSpec says which image it is.
type ImageSpec struct {
	Managed `json:",inline"`

	// name is the repository, without tag and digest, as
	// "registry.example.org:5000/team/app" or "nginx".
	// +required
	Name string `json:"name"`

	// tag within the repository. Left out, none is invented: a runtime then
	// takes what it takes, for most "latest". When both tag and digest are
	// given, the digest decides.
	// +optional
	Tag string `json:"tag,omitempty"`

	// digest names the content, as "sha256:" and 64 hexadecimal digits.
	// +optional
	Digest string `json:"digest,omitempty"`

	// kind of the image: container or vm. Only container images can be run by
	// a KubernetesServiceInstance. Defaults to container.
	// +optional
	// +kubebuilder:default=container
	Kind ImageKind `json:"kind,omitempty"`
}

// ImageKind says what an image is made for.
//
// +kubebuilder:validation:Enum=container;vm
type ImageKind string

const (
	// ImageKindContainer is an image that a container runtime runs.
	ImageKindContainer ImageKind = "container"
	// ImageKindVM is a disk image of a virtual machine.
	ImageKindVM ImageKind = "vm"
)

// ImageStatus is what is known of an image.
type ImageStatus struct {
	ObjectStatus `json:",inline"`

	// reference is the whole image reference, as a pod spec takes it.
	// +optional
	Reference string `json:"reference,omitempty"`

	// instances is the number of KubernetesServiceInstances that use the image.
	// +optional
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
