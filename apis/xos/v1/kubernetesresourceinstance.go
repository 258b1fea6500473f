package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// KubernetesResourceInstance is an arbitrary blob of Kubernetes YAML that
// declares one or more resources: for whatever XOS does not model. It is
// applied with the rights of its principal, not those of XOS.
//
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,shortName=kri,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.kubectlState`
// +kubebuilder:printcolumn:name="Principal",type=string,JSONPath=`.spec.principal`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="TrustDomain",type=string,JSONPath=`.spec.trustDomain`,priority=1
// +kubebuilder:printcolumn:name="Suspended",type=boolean,JSONPath=`.spec.suspend`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.owner`
// +kubebuilder:selectablefield:JSONPath=`.spec.trustDomain`
// +kubebuilder:selectablefield:JSONPath=`.spec.principal`
type KubernetesResourceInstance struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +required
	Spec KubernetesResourceInstanceSpec `json:"spec"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status KubernetesResourceInstanceStatus `json:"status,omitempty"`
}

// KubernetesResourceInstanceSpec is the desired state of a blob.
//
// +kubebuilder:validation:XValidation:rule="has(self.trustDomain) == has(oldSelf.trustDomain) && (!has(self.trustDomain) || self.trustDomain == oldSelf.trustDomain)",message="trustDomain can't change: delete this object and create it in the other domain",fieldPath=".trustDomain"
type KubernetesResourceInstanceSpec struct {
	Lifecycle `json:",inline"`

	// owner is the KubernetesService to apply the resources to. It can't
	// change. Defaults to kubernetes, the cluster XOS runs in.
	// +optional
	// +kubebuilder:default=kubernetes
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="owner can't change: delete this object and create it with the other owner"
	Owner ObjectName `json:"owner,omitempty"`

	// trustDomain in whose namespace the resources are. It can't change.
	// Defaults to the trust domain of the object's own namespace. Until it
	// exists, Ready is False with reason ReferenceNotFound; where its
	// allowedNamespaces do not admit the object's namespace, with reason
	// NotAdmitted.
	// +optional
	TrustDomain ObjectName `json:"trustDomain,omitempty"`

	// principal whose ServiceAccount applies the resources: a managed one
	// (xosManaged: true) in this object's namespace, in the same trust domain.
	// What it may not do is reported with reason Forbidden. If omitted, the
	// trust domain's ServiceAccount xos-default is used or, for an object of
	// another namespace than the trust domain's own, xos-default-<its
	// namespace>. These have no rights, and need not exist, until rights are
	// granted to them.
	// +optional
	Principal ObjectName `json:"principal,omitempty"`

	// resourceDefinition is the YAML declaration of the resources, one or more
	// documents, at most 1 MiB. What can't be parsed is reported with reason
	// Invalid, and nothing of the blob is applied. What a document declares is
	// maintained: omit what another controller sets, such as the replicas of a
	// Deployment that a HorizontalPodAutoscaler scales.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1048576
	// +kubebuilder:validation:XValidation:rule="self.contains('apiVersion') && self.contains('kind')",message="must be YAML documents, each with apiVersion and kind"
	ResourceDefinition string `json:"resourceDefinition"`

	// prune says whether a resource that was applied before, and is no longer
	// declared, is deleted. Defaults to true. Where it is false, such a
	// resource is released as soon as all others are applied: it stays as it
	// is, and another resource instance with adopt: IfUnowned can adopt it, so
	// that resources move from one to the other without being deleted.
	// +optional
	// +kubebuilder:default=true
	Prune *bool `json:"prune,omitempty"`

	// wait says whether Ready waits for the resources to become ready, as
	// kstatus defines it: a Job is ready while it runs, and fails Ready when it
	// has failed. When false, Ready requires only that they are applied.
	// Defaults to true.
	// +optional
	// +kubebuilder:default=true
	Wait *bool `json:"wait,omitempty"`
}

// KubectlState is the most recent action taken for the resources. The name is
// the original's; no kubectl is involved.
//
// +kubebuilder:validation:Enum=CREATED;UPDATED;DELETED
type KubectlState string

const (
	// KubectlStateCreated: the resources were applied for the first time.
	KubectlStateCreated KubectlState = "CREATED"
	// KubectlStateUpdated: they were applied again, after a change.
	KubectlStateUpdated KubectlState = "UPDATED"
	// KubectlStateDeleted: they were deleted.
	KubectlStateDeleted KubectlState = "DELETED"
)

// KubernetesResourceInstanceStatus is the observed state of a blob's resources.
type KubernetesResourceInstanceStatus struct {
	ObjectStatus `json:",inline"`

	// kubectlState is the most recent action taken: CREATED, UPDATED, DELETED.
	// +optional
	KubectlState KubectlState `json:"kubectlState,omitempty"`

	// account is the ServiceAccount that applied the resources, and that
	// deletes or releases them: also after spec.principal has changed or the
	// principal is being deleted, as long as XOS still recognizes the account
	// as the one that it created for a principal of this object's namespace.
	// +optional
	Account *AppliedAs `json:"account,omitempty"`

	// inventory are the resources that were applied and not deleted since. It
	// is written before they are applied, so that none can be lost.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1024
	Inventory []InventoryEntry `json:"inventory,omitempty"`
}

// AppliedAs identifies a ServiceAccount.
type AppliedAs struct {
	// namespace of the ServiceAccount: that of the trust domain.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`

	// name of the ServiceAccount.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// uid of the ServiceAccount. It is empty for the account of an object without
	// a principal, which need not exist.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=128
	UID types.UID `json:"uid,omitempty"`
}

// InventoryEntry is a resource that was applied.
type InventoryEntry struct {
	// apiVersion of the resource, such as "apps/v1".
	// +required
	// +kubebuilder:validation:MaxLength=317
	APIVersion string `json:"apiVersion"`

	// kind of the resource.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`

	// namespace of the resource, empty for a cluster-scoped one.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the resource.
	// +required
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// uid of the resource, empty until it was applied.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=128
	UID types.UID `json:"uid,omitempty"`

	// health of the resource, as kstatus computes it.
	// +optional
	Health Health `json:"health,omitempty"`

	// expiresAs identifies the text with which a Job was applied that the
	// cluster deletes by itself once it has ended, since it has a
	// ttlSecondsAfterFinished. A missing one has run: it is not applied again
	// until its declaration changes.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	ExpiresAs string `json:"expiresAs,omitempty"`

	// message says what is missing or failed, and why, in at most 1024
	// characters.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// Health is a resource's status as kstatus computes it.
//
// +kubebuilder:validation:Enum=InProgress;Current;Failed;Terminating;NotFound;Unknown
type Health string

const (
	// HealthInProgress: the resource is progressing.
	HealthInProgress Health = "InProgress"
	// HealthCurrent: the resource is as declared, and ready.
	HealthCurrent Health = "Current"
	// HealthFailed: the resource will not become ready by itself.
	HealthFailed Health = "Failed"
	// HealthTerminating: the resource is being deleted.
	HealthTerminating Health = "Terminating"
	// HealthNotFound: the resource does not exist.
	HealthNotFound Health = "NotFound"
	// HealthUnknown: the resource's state can't be determined.
	HealthUnknown Health = "Unknown"
)

// KubernetesResourceInstanceList is a list of blobs.
//
// +kubebuilder:object:root=true
type KubernetesResourceInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the blobs.
	Items []KubernetesResourceInstance `json:"items"`
}

// GetLifecycle implements Object.
func (in *KubernetesResourceInstance) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *KubernetesResourceInstance) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
