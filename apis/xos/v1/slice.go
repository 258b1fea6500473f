package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Slice is a collection of compute resources and the controller for them. It
// corresponds to a Kubernetes controller such as a Deployment, or to none: then
// an XOS service manages the slice's KubernetesServiceInstances itself.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.controllerReplicaCount,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:resource:scope=Namespaced,shortName=slice,categories=xos
type Slice struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what is wanted.
	// +optional
	// +kubebuilder:default={}
	Spec SliceSpec `json:"spec,omitempty"`

	// status is what the controllers last saw.
	// +optional
	// +default={"observedGeneration": -1}
	Status SliceStatus `json:"status,omitempty"`
}

// SliceSpec says what is wanted of a slice.
type SliceSpec struct {
	Lifecycle `json:",inline"`

	// description for people.
	// +optional
	Description string `json:"description,omitempty"`

	// enabled says whether the slice takes part. A disabled slice's controller
	// is scaled to nothing, its jobs are suspended. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// site that the slice belongs to, for administrative accountability.
	// +optional
	Site ObjectName `json:"site,omitempty"`

	// trustDomain in which this slice resides. It can't change. Defaults to
	// the trust domain of the object's own namespace.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// principal whose ServiceAccount the slice's pods run as. Left out, they
	// run as the namespace's default ServiceAccount.
	// +optional
	Principal ObjectName `json:"principal,omitempty"`

	// service that the slice is part of. The service's ports lead to the pods
	// of its slices.
	// +optional
	Service ObjectName `json:"service,omitempty"`

	// controllerKind is the kind of the native controller: Deployment,
	// StatefulSet, DaemonSet, ReplicaSet, Job or CronJob. Left out, there is
	// none, and an XOS service manages the instances itself. Only an
	// inventoried slice (xosManaged: false) may have another kind.
	// +optional
	ControllerKind string `json:"controllerKind,omitempty"`

	// controllerReplicaCount is the number of pods that the controller shall
	// keep, for Deployment, StatefulSet and ReplicaSet. Left out, XOS leaves
	// the number to others, such as a HorizontalPodAutoscaler. "kubectl scale
	// slice" sets it.
	// +optional
	ControllerReplicaCount *int32 `json:"controllerReplicaCount,omitempty"`

	// maxInstances is the largest number of instances that the slice may have.
	// Left out, there is no limit.
	// +optional
	MaxInstances *int32 `json:"maxInstances,omitempty"`

	// template of the controller's pods. It must have at least one container
	// when controllerKind is set.
	// +optional
	Template *PodTemplate `json:"template,omitempty"`

	// schedule on which a CronJob starts its jobs, in cron format and UTC, as
	// "*/15 * * * *". It must be set for CronJob and for no other kind.
	// +optional
	Schedule string `json:"schedule,omitempty"`

	// serviceName is the name of the headless native Service that gives the
	// pods of a StatefulSet their names. Only for StatefulSet.
	// +optional
	ServiceName string `json:"serviceName,omitempty"`

	// volumeClaimTemplates are the volumes that each pod of a StatefulSet gets
	// for itself. Only for StatefulSet.
	// +optional
	// +listType=atomic
	VolumeClaimTemplates []VolumeClaimTemplate `json:"volumeClaimTemplates,omitempty"`

	// rolloutOnChange says whether the pods are replaced when the content of a
	// ConfigMap or Secret changes that a mount of the slice brings into them.
	// Defaults to false.
	// +optional
	RolloutOnChange bool `json:"rolloutOnChange,omitempty"`

	// immutableFieldPolicy says what to do when a change needs a native field
	// that can't be changed, such as the template of a Job. Fail: report it
	// and leave the controller as it is. Recreate: delete the controller and
	// make it again. Defaults to Fail.
	// +optional
	// +kubebuilder:default=Fail
	ImmutableFieldPolicy ImmutableFieldPolicy `json:"immutableFieldPolicy,omitempty"`
}

// Kinds of native controllers that a slice can materialize.
const (
	// ControllerKindNone: an XOS service manages the instances itself.
	ControllerKindNone = ""
	// ControllerKindDeployment is an apps/v1 Deployment.
	ControllerKindDeployment = "Deployment"
	// ControllerKindStatefulSet is an apps/v1 StatefulSet.
	ControllerKindStatefulSet = "StatefulSet"
	// ControllerKindDaemonSet is an apps/v1 DaemonSet.
	ControllerKindDaemonSet = "DaemonSet"
	// ControllerKindReplicaSet is an apps/v1 ReplicaSet.
	ControllerKindReplicaSet = "ReplicaSet"
	// ControllerKindJob is a batch/v1 Job.
	ControllerKindJob = "Job"
	// ControllerKindCronJob is a batch/v1 CronJob.
	ControllerKindCronJob = "CronJob"
)

// ImmutableFieldPolicy says what to do when a native field can't be changed.
//
// +kubebuilder:validation:Enum=Fail;Recreate
type ImmutableFieldPolicy string

const (
	// ImmutableFieldPolicyFail reports the field and changes nothing.
	ImmutableFieldPolicyFail ImmutableFieldPolicy = "Fail"
	// ImmutableFieldPolicyRecreate deletes the native object and makes it again.
	ImmutableFieldPolicyRecreate ImmutableFieldPolicy = "Recreate"
)

// SliceStatus is what is known of a slice.
type SliceStatus struct {
	ObjectStatus `json:",inline"`

	// controller is the native controller, absent while there is none.
	// +optional
	Controller *ControllerReference `json:"controller,omitempty"`

	// replicas is the number of pods that there are.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`

	// desiredReplicas is the number of pods that the native controller wants.
	// +optional
	DesiredReplicas int32 `json:"desiredReplicas,omitempty"`

	// updatedReplicas is the number of pods made from the current template.
	// +optional
	UpdatedReplicas int32 `json:"updatedReplicas,omitempty"`

	// readyReplicas is the number of pods that are ready.
	// +optional
	ReadyReplicas int32 `json:"readyReplicas,omitempty"`

	// selector selects the slice's pods, in the notation of "kubectl get -l".
	// +optional
	Selector string `json:"selector,omitempty"`

	// instances is the number of KubernetesServiceInstances of the slice.
	// +optional
	Instances int32 `json:"instances,omitempty"`
}

// ControllerReference names a native controller.
type ControllerReference struct {
	// apiVersion of the controller, as "apps/v1".
	// +optional
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the controller, as "Deployment".
	// +optional
	Kind string `json:"kind,omitempty"`

	// name of the controller.
	// +optional
	Name string `json:"name,omitempty"`

	// uid of the controller.
	// +optional
	UID types.UID `json:"uid,omitempty"`
}

// SliceList is a list of slices.
//
// +kubebuilder:object:root=true
type SliceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the slices.
	Items []Slice `json:"items"`
}

// GetLifecycle implements Object.
func (in *Slice) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *Slice) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
