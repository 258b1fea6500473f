package v1

// One kind is one file: this one is longer than others since its kind has more fields, each
// with its documentation.

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// KubernetesServiceInstance is a pod. With xosManaged true, XOS creates the
// pod, and recreates it when it is lost. With xosManaged false it records a pod
// that another client created, for example Helm.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=ksi,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Slice",type=string,JSONPath=`.spec.slice`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Restarts",type=integer,JSONPath=`.status.restarts`
// +kubebuilder:printcolumn:name="IP",type=string,JSONPath=`.status.podIP`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Node",type=string,JSONPath=`.status.nodeName`,priority=1
// +kubebuilder:printcolumn:name="Image",type=string,JSONPath=`.status.containers[0].image`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.owner`
// +kubebuilder:selectablefield:JSONPath=`.spec.slice`
// +kubebuilder:selectablefield:JSONPath=`.spec.image`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:selectablefield:JSONPath=`.status.phase`
// +kubebuilder:selectablefield:JSONPath=`.status.nodeName`
// +kubebuilder:validation:XValidation:rule="!self.spec.xosManaged || self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name becomes that of the pod and its container: at most 63 lower-case letters, digits and '-'",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule=`!self.spec.xosManaged || !has(self.spec.template) || !has(self.spec.template.spec) || !has(self.spec.template.spec.containers) || self.spec.template.spec.containers.all(c, c.name == self.metadata.name || (has(c.image) && c.image != ""))`,message="each container of the template needs an image, but for the one that is named as the instance",fieldPath=".spec.template"
type KubernetesServiceInstance struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec KubernetesServiceInstanceSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesServiceInstanceStatus `json:"status,omitempty"`
}

// KubernetesServiceInstanceSpec is the desired state of an instance.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.image) && has(self.imageReference)) && (!self.xosManaged || has(self.image) || has(self.imageReference))",message="set either image (the name of an Image) or imageReference (as nginx:1.29), exactly one of them"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !has(self.imageReference) || self.imageReference.matches('^(([a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?|[[][0-9a-fA-F:.]+[]])(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}))?$')",message="imageReference must be as nginx:1.29 or registry.example.org:5000/team/app:v2, lower-case between registry and tag",fieldPath=".imageReference"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !has(oldSelf.slice) || (has(self.slice) && self.slice == oldSelf.slice)",message="slice can't change once it is set: delete this instance and create it in the other slice",fieldPath=".slice"
type KubernetesServiceInstanceSpec struct {
	Lifecycle `json:",inline"`

	// owner is the KubernetesService that owns this instance. It can't change.
	// Defaults to kubernetes, the cluster XOS runs in.
	// +optional
	// +kubebuilder:default=kubernetes
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="owner can't change: delete this object and create it with the other owner"
	Owner ObjectName `json:"owner,omitempty"`

	// slice that manages this instance: the pod is in its trust domain and runs
	// as its principal. It can't change once it is set. If omitted, the pod is
	// in the trust domain of the object's own namespace. Until the slice
	// exists, Ready is False with reason ReferenceNotFound.
	// +optional
	Slice ObjectName `json:"slice,omitempty"`

	// image is the name of the Image to run. Either it or imageReference must
	// be set. Until the Image exists, Ready is False with reason
	// ReferenceNotFound.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!self.matches('[:/@]')",message="image is the name of an Image: write a reference such as nginx:1.29 in imageReference"
	Image ObjectName `json:"image,omitempty"`

	// imageReference is the image to run as a plain reference, such as
	// "nginx:1.29". Either it or image must be set.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	ImageReference string `json:"imageReference,omitempty"`

	// command replaces the image's entry point. It is not run in a shell.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=256
	Command []Argument `json:"command,omitempty"`

	// args are the arguments of the command. Defaults to the image's.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=256
	Args []Argument `json:"args,omitempty"`

	// env are environment variables of the container.
	// +optional
	// +listType=map
	// +listMapKey=name
	Env []corev1.EnvVar `json:"env,omitempty"`

	// ports that the container listens on.
	// +optional
	// +listType=map
	// +listMapKey=containerPort
	// +listMapKey=protocol
	Ports []corev1.ContainerPort `json:"ports,omitempty"`

	// resources that the container requests and may use at most.
	// +optional
	Resources corev1.ResourceRequirements `json:"resources,omitempty"`

	// template is the rest of the pod. A container in it that has this object's
	// name is completed by the fields above, which take precedence. Every other
	// one is a sidecar, and needs an image. An instance that declares only the
	// image of its pod adopts a pod which runs that image (adopt: IfUnowned) as
	// it is, whatever the names of its containers, and keeps it until the
	// instance changes.
	// +optional
	Template *PodTemplate `json:"template,omitempty"`

	// updatePolicy decides how a change of the pod's spec reaches a running
	// pod. InPlaceOrRecreate: it is patched where a pod accepts the change,
	// else replaced. Recreate: it is always replaced. Never: only the next pod
	// has the change. Labels and annotations are changed in place whatever the
	// policy. Defaults to InPlaceOrRecreate.
	// +optional
	// +kubebuilder:default=InPlaceOrRecreate
	UpdatePolicy UpdatePolicy `json:"updatePolicy,omitempty"`
}

// UpdatePolicy decides how a change reaches a running pod.
//
// +kubebuilder:validation:Enum=InPlaceOrRecreate;Recreate;Never
type UpdatePolicy string

const (
	// UpdatePolicyInPlaceOrRecreate patches the pod where it accepts the
	// change, and replaces it otherwise.
	UpdatePolicyInPlaceOrRecreate UpdatePolicy = "InPlaceOrRecreate"
	// UpdatePolicyRecreate always replaces the pod.
	UpdatePolicyRecreate UpdatePolicy = "Recreate"
	// UpdatePolicyNever leaves a running pod as it is.
	UpdatePolicyNever UpdatePolicy = "Never"
)

// KubernetesServiceInstanceStatus is the observed state of an instance.
type KubernetesServiceInstanceStatus struct {
	ObjectStatus `json:",inline"`

	// podIP is the pod's primary address.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	PodIP string `json:"podIP,omitempty"`

	// podIPs are all the pod's addresses, at most one a family.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=45
	PodIPs []string `json:"podIPs,omitempty"`

	// podUID distinguishes the pod from earlier and later ones of the same
	// name.
	// +optional
	PodUID types.UID `json:"podUID,omitempty"`

	// phase of the pod: Pending, Running, Succeeded, Failed or Unknown.
	// +optional
	Phase corev1.PodPhase `json:"phase,omitempty"`

	// nodeName is the name of the node that runs the pod.
	// +optional
	NodeName string `json:"nodeName,omitempty"`

	// ready says whether the pod is ready to serve.
	// +optional
	Ready bool `json:"ready,omitempty"`

	// restarts is how often the pod's containers were started again, as kubectl counts it:
	// also those of sidecars and, while the pod initializes, of its init containers.
	// +optional
	// +kubebuilder:default=0
	Restarts int32 `json:"restarts,omitempty"`

	// labels of the pod as last observed. The event of the pod's end carries
	// them. Of more than 64 KiB of keys and values, those whose keys begin with
	// xos come first, then all in the order of their keys, up to the first that
	// no longer fits.
	// +optional
	// +kubebuilder:validation:MaxProperties=4096
	Labels map[string]string `json:"labels,omitempty"`

	// containers of the pod.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=1024
	Containers []ContainerStatus `json:"containers,omitempty"`

	// delivery is what an earlier version recorded of the events that Kafka had
	// acknowledged. It is removed once the topic of the inventory has them.
	// +optional
	Delivery *Delivery `json:"delivery,omitempty"`
}

// ContainerStatus is the observed state of a container.
type ContainerStatus struct {
	// name of the container.
	// +required
	Name string `json:"name"`

	// image that the pod's spec names.
	// +optional
	Image string `json:"image,omitempty"`

	// imageID is what the runtime resolved it to, usually a digest.
	// +optional
	ImageID string `json:"imageID,omitempty"`

	// ready says whether the container is ready to serve.
	// +optional
	Ready bool `json:"ready,omitempty"`

	// restarts is the number of the container's restarts.
	// +optional
	Restarts int32 `json:"restarts,omitempty"`

	// state is Waiting, Running or Terminated, followed by the reason where
	// there is one, such as "Waiting: ImagePullBackOff".
	// +optional
	State string `json:"state,omitempty"`
}

// Delivery is what an earlier version recorded of the events that Kafka had
// acknowledged.
type Delivery struct {
	// uid of the pod that the other fields describe.
	// +optional
	UID types.UID `json:"uid,omitempty"`

	// announced says whether the pod's "created" was acknowledged.
	// +optional
	Announced bool `json:"announced,omitempty"`

	// status of the last acknowledged event: created, updated or deleted.
	// +optional
	Status EventStatus `json:"status,omitempty"`

	// fingerprint is a hash of the content of the last acknowledged event.
	// +optional
	Fingerprint string `json:"fingerprint,omitempty"`

	// resourceVersion of the pod that the last acknowledged event described.
	// +optional
	ResourceVersion string `json:"resourceVersion,omitempty"`

	// topic that the last acknowledged event went to.
	// +optional
	Topic string `json:"topic,omitempty"`

	// partition that the last acknowledged event went to.
	// +optional
	Partition int32 `json:"partition,omitempty"`

	// offset of the last acknowledged event in its partition.
	// +optional
	Offset int64 `json:"offset,omitempty"`

	// time at which the last event was acknowledged.
	// +optional
	Time *metav1.Time `json:"time,omitempty"`
}

// EventStatus is what an event reports of a pod.
//
// +kubebuilder:validation:Enum=created;updated;deleted
type EventStatus string

const (
	// EventCreated is sent once in a pod's life, first.
	EventCreated EventStatus = "created"
	// EventUpdated is sent for a change.
	EventUpdated EventStatus = "updated"
	// EventDeleted is sent once in a pod's life, last.
	EventDeleted EventStatus = "deleted"
)

// KubernetesServiceInstanceList is a list of instances.
//
// +kubebuilder:object:root=true
type KubernetesServiceInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the instances.
	Items []KubernetesServiceInstance `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesServiceInstance) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *KubernetesServiceInstance) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
