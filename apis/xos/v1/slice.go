package v1

// One kind is one file: this one is longer than others since its kind has more fields, each
// with its documentation.

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Slice is a collection of compute resources and the controller for them. It
// corresponds to a Kubernetes controller such as a Deployment, or to none: then
// an XOS service manages the slice's KubernetesServiceInstances itself.
//
// +genclient
// +genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale
// +genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.controllerReplicaCount,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:resource:scope=Namespaced,shortName=slice,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Controller",type=string,JSONPath=`.spec.controllerKind`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desiredReplicas`
// +kubebuilder:printcolumn:name="Pods",type=integer,JSONPath=`.status.replicas`
// +kubebuilder:printcolumn:name="ReadyPods",type=integer,JSONPath=`.status.readyReplicas`
// +kubebuilder:printcolumn:name="Service",type=string,JSONPath=`.spec.service`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="TrustDomain",type=string,JSONPath=`.spec.trustDomain`,priority=1
// +kubebuilder:printcolumn:name="Principal",type=string,JSONPath=`.spec.principal`,priority=1
// +kubebuilder:printcolumn:name="Site",type=string,JSONPath=`.spec.site`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.site`
// +kubebuilder:selectablefield:JSONPath=`.spec.trustDomain`
// +kubebuilder:selectablefield:JSONPath=`.spec.principal`
// +kubebuilder:selectablefield:JSONPath=`.spec.service`
// +kubebuilder:selectablefield:JSONPath=`.spec.controllerKind`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:validation:XValidation:rule="!self.spec.xosManaged || self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name becomes the native controller's and a label on its pods: at most 63 lower-case letters, digits and '-'",fieldPath=".metadata"
// +kubebuilder:validation:XValidation:rule="!self.spec.xosManaged || !(self.spec.controllerKind in ['CronJob', 'StatefulSet']) || self.metadata.name.size() <= 52",message="the name of a CronJob or StatefulSet has at most 52 characters, since Kubernetes appends up to 11 to it",fieldPath=".metadata"
type Slice struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec SliceSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status SliceStatus `json:"status,omitempty"`
}

// SliceSpec is the desired state of a slice.
//
// +kubebuilder:validation:XValidation:rule="has(self.trustDomain) == has(oldSelf.trustDomain) && (!has(self.trustDomain) || self.trustDomain == oldSelf.trustDomain)",message="trustDomain can't change: delete this object and create it in the other domain",fieldPath=".trustDomain"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || self.controllerKind in ["", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"]`,message="controllerKind must be Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob, or be left out; only an inventoried slice (xosManaged: false) may have another",fieldPath=".controllerKind"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || self.controllerKind != "" || !has(self.template)`,message="a template is of no use without a controller: set controllerKind, or leave the template out",fieldPath=".template"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || self.controllerKind == "" || (has(self.adopt) && self.adopt == "IfUnowned" && !has(self.template)) || (has(self.template) && has(self.template.spec) && has(self.template.spec.containers) && self.template.spec.containers.size() > 0)`,message="template.spec.containers needs at least one container, since controllerKind is set; only a controller that is taken over (adopt: IfUnowned) may keep its own template",fieldPath=".template"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || self.controllerKind == "" || !has(self.template) || !has(self.template.spec) || !has(self.template.spec.containers) || self.template.spec.containers.all(c, has(c.image) && c.image != "")`,message="each container of the template needs an image",fieldPath=".template"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !(self.controllerKind in ['Job', 'CronJob']) || (has(self.adopt) && self.adopt == 'IfUnowned' && !has(self.template)) || (has(self.template) && has(self.template.spec) && has(self.template.spec.restartPolicy) && self.template.spec.restartPolicy in ['Never', 'OnFailure'])",message="template.spec.restartPolicy must be Never or OnFailure for Job and CronJob",fieldPath=".template"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || self.controllerKind in ["", "Job", "CronJob"] || !has(self.template) || !has(self.template.spec) || !has(self.template.spec.restartPolicy) || self.template.spec.restartPolicy == "Always"`,message="template.spec.restartPolicy must be Always, or be left out, unless controllerKind is Job or CronJob",fieldPath=".template"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || (has(self.schedule) ? self.controllerKind == 'CronJob' : self.controllerKind != 'CronJob' || (has(self.adopt) && self.adopt == 'IfUnowned' && !has(self.template)))",message="schedule says when a CronJob runs: set it when controllerKind is CronJob, and only then; only a CronJob that is taken over (adopt: IfUnowned) may keep its own",fieldPath=".schedule"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || !has(self.controllerReplicaCount) || !(self.controllerKind in ['DaemonSet', 'Job', 'CronJob'])",message="controllerReplicaCount has no meaning for DaemonSet, Job and CronJob: leave it out",fieldPath=".controllerReplicaCount"
// +kubebuilder:validation:XValidation:rule=`!self.xosManaged || !has(self.controllerReplicaCount) || self.controllerKind != ""`,message="controllerReplicaCount is of no use without a controller: set controllerKind, or leave the count out; maxInstances limits the instances of a slice without one",fieldPath=".controllerReplicaCount"
// +kubebuilder:validation:XValidation:rule="!has(self.controllerReplicaCount) || !has(self.maxInstances) || self.controllerReplicaCount <= self.maxInstances",message="controllerReplicaCount must not be more than maxInstances",fieldPath=".controllerReplicaCount"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || self.controllerKind == 'StatefulSet' || !has(self.serviceName)",message="serviceName is for StatefulSet only: leave it out",fieldPath=".serviceName"
// +kubebuilder:validation:XValidation:rule="!self.xosManaged || self.controllerKind == 'StatefulSet' || !has(self.volumeClaimTemplates)",message="volumeClaimTemplates are for StatefulSet only: leave them out",fieldPath=".volumeClaimTemplates"
type SliceSpec struct {
	Lifecycle `json:",inline"`

	// description for people.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// enabled decides whether the slice has pods. A disabled slice's controller
	// is scaled to nothing, its Job or CronJob is suspended; a job that a
	// CronJob has already started completes. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Enabled *bool `json:"enabled,omitempty"`

	// site that the slice belongs to, for administrative accountability. Until
	// it exists, Ready is False with reason ReferenceNotFound.
	// +optional
	Site ObjectName `json:"site,omitempty"`

	// trustDomain in which this slice resides. It can't change. Defaults to
	// the trust domain of the object's own namespace. Until it exists, Ready is
	// False with reason ReferenceNotFound; where its allowedNamespaces do not
	// admit the object's namespace, with reason NotAdmitted.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// principal whose ServiceAccount the slice's pods run as. It must be of the
	// same trust domain. If omitted, they run as the namespace's default
	// ServiceAccount. Until it exists, Ready is False with reason
	// ReferenceNotFound.
	// +optional
	Principal ObjectName `json:"principal,omitempty"`

	// service that the slice is part of. The service's ports lead to the pods
	// of its slices.
	// +optional
	Service ObjectName `json:"service,omitempty"`

	// controllerKind is the kind of the native controller: Deployment,
	// StatefulSet, DaemonSet, ReplicaSet, Job or CronJob. If omitted, there is
	// none, and an XOS service manages the instances itself. Only an
	// inventoried slice (xosManaged: false) may have another kind. The name of
	// a slice with a controller is the native controller's: at most 63
	// characters, 52 for StatefulSet and CronJob.
	// +optional
	// +default=""
	// +kubebuilder:validation:MaxLength=63
	ControllerKind string `json:"controllerKind,omitempty"`

	// controllerReplicaCount is the number of pods that the controller
	// maintains, for Deployment, StatefulSet and ReplicaSet; otherwise it must
	// not be set. "kubectl scale slice" sets it, and so does a
	// HorizontalPodAutoscaler on the slice, which needs an initial count: omit
	// the count from the manifest and run "kubectl scale slice" once. While it
	// was never set, XOS does not set the number, so that another client can,
	// such as a HorizontalPodAutoscaler on the native controller. When it is
	// removed, the number falls back to 1 until such a client sets it.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ControllerReplicaCount *int32 `json:"controllerReplicaCount,omitempty"`

	// maxInstances is the largest number of instances that the slice may have.
	// If omitted, there is no limit. A controllerReplicaCount beyond it is
	// refused, also from "kubectl scale" and a HorizontalPodAutoscaler. Where
	// the number is not the slice's, as with a DaemonSet, Ready is False with
	// reason Invalid while it is beyond. Without a controller, instances beyond
	// it have no pods.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MaxInstances *int32 `json:"maxInstances,omitempty"`

	// template of the controller's pods. When controllerKind is set, it must
	// have at least one container, each with an image; otherwise it must not be
	// set. It may be omitted with adopt: IfUnowned: then a controller of the
	// slice's kind and name is adopted and keeps its own template, and its pods
	// continue to run. Where there is none, none is created, and Ready is False
	// with reason NothingToAdopt.
	// +optional
	Template *PodTemplate `json:"template,omitempty"`

	// schedule on which a CronJob starts its jobs, in cron format and UTC, such
	// as "*/15 * * * *". It must be set for CronJob and for no other kind. A
	// CronJob that is adopted without a template may keep its own.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every [0-9a-zµ.]+|[^ @]+( +[^ ]+){4})$')",message="must be five fields in cron format, as */15 * * * *, or a name as @hourly"
	Schedule string `json:"schedule,omitempty"`

	// serviceName is the name of the headless native Service that gives the
	// pods of a StatefulSet their names. Only for StatefulSet.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="must be the name of a Service: lower-case letters, digits and '-', beginning with a letter"
	ServiceName string `json:"serviceName,omitempty"`

	// volumeClaimTemplates are the volumes that each pod of a StatefulSet has
	// for itself. Only for StatefulSet.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	VolumeClaimTemplates []VolumeClaimTemplate `json:"volumeClaimTemplates,omitempty"`

	// rolloutOnChange says whether the pods are replaced when the content of a
	// ConfigMap or Secret changes that a mount of the slice adds to them. It
	// has no effect for ReplicaSet and Job, which never replace a pod by one of
	// a newer template. Defaults to false.
	// +optional
	RolloutOnChange bool `json:"rolloutOnChange,omitempty"`

	// immutableFieldPolicy decides what to do when a change needs a native
	// field that can't be changed, such as the template of a Job. Fail: report
	// it and leave the controller as it is. Recreate: delete and recreate the
	// controller. Defaults to Fail.
	// +optional
	// +kubebuilder:default=Fail
	ImmutableFieldPolicy ImmutableFieldPolicy `json:"immutableFieldPolicy,omitempty"`
}

// Kinds of native controllers that a slice can have.
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

// ImmutableFieldPolicy decides what to do when a native field can't be changed.
//
// +kubebuilder:validation:Enum=Fail;Recreate
type ImmutableFieldPolicy string

const (
	// ImmutableFieldPolicyFail reports the field and changes nothing.
	ImmutableFieldPolicyFail ImmutableFieldPolicy = "Fail"
	// ImmutableFieldPolicyRecreate deletes and recreates the native object.
	ImmutableFieldPolicyRecreate ImmutableFieldPolicy = "Recreate"
)

// SliceStatus is the observed state of a slice.
type SliceStatus struct {
	ObjectStatus `json:",inline"`

	// controller is the native controller, absent while there is none. Of an
	// inventoried slice it may be of any kind.
	// +optional
	Controller *ControllerReference `json:"controller,omitempty"`

	// replicas is the number of existing pods: as the native controller reports
	// or, where it does not, as inventoried.
	// +optional
	// +kubebuilder:default=0
	Replicas int32 `json:"replicas,omitempty"`

	// desiredReplicas is the desired number of pods of the native controller.
	// It is absent without a native controller, and for an inventoried
	// controller of another kind than those that XOS creates, unless its scale
	// subresource can be read.
	// +optional
	DesiredReplicas *int32 `json:"desiredReplicas,omitempty"`

	// updatedReplicas is the number of pods created from the current template.
	// It is absent for an inventoried controller of another kind than those
	// that XOS creates.
	// +optional
	UpdatedReplicas int32 `json:"updatedReplicas,omitempty"`

	// readyReplicas is the number of pods that are ready.
	// +optional
	// +kubebuilder:default=0
	ReadyReplicas int32 `json:"readyReplicas,omitempty"`

	// selector selects the controller's pods, in the notation of "kubectl get
	// -l". A CronJob has none, nor has an inventoried controller of another
	// kind than those that XOS creates, unless its scale subresource can be
	// read.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Selector string `json:"selector,omitempty"`

	// instances is the number of KubernetesServiceInstances of the slice.
	// +optional
	Instances int32 `json:"instances,omitempty"`

	// finishedJob is the Job that has ended and that the cluster deletes by
	// itself, since it has a ttlSecondsAfterFinished. It is not recreated until
	// the slice declares another Job. Absent for a Job without that field.
	// +optional
	FinishedJob *FinishedJob `json:"finishedJob,omitempty"`
}

// FinishedJob is a Job that has ended.
type FinishedJob struct {
	// applied identifies what the slice declared when the Job ended.
	// +required
	// +kubebuilder:validation:MaxLength=64
	Applied string `json:"applied"`

	// failure says why the Job failed; empty where it has completed.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Failure string `json:"failure,omitempty"`
}

// ControllerReference names a native controller.
type ControllerReference struct {
	// apiVersion of the controller, such as "apps/v1".
	// +optional
	// +kubebuilder:validation:MaxLength=317
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the controller, such as "Deployment".
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind,omitempty"`

	// name of the controller.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// uid of the controller.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=128
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
