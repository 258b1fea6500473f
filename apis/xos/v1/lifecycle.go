package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is implemented by every kind of this package. It lets code process all
// kinds without reflection.
//
// +kubebuilder:object:generate=false
type Object interface {
	metav1.Object
	runtime.Object
	// GetLifecycle returns the part of the spec that says whether and how the
	// native object is managed. On a kind without native objects only its
	// XOSManaged is set.
	GetLifecycle() Lifecycle
	// GetObjectStatus returns the part of the status that all kinds share. It
	// points into the object: to change it is to change the object.
	GetObjectStatus() *ObjectStatus
}

// IsManaged reports whether o declares the desired state (true, the default) or
// only records what exists: the native object of an inventoried object is never
// created, changed or deleted.
func IsManaged(o Object) bool {
	managed := o.GetLifecycle().XOSManaged
	return managed == nil || *managed
}

// Managed is part of every spec.
type Managed struct {
	// xosManaged decides whether this object is desired state or a record.
	// True: this object declares the desired state, and XOS reconciles it.
	// False: this object is an inventory record of what another client created;
	// XOS maintains its status and never creates, changes or deletes the native
	// object. Setting it to true hands the native object over to XOS. Defaults
	// to true.
	// +optional
	// +kubebuilder:default=true
	XOSManaged *bool `json:"xosManaged,omitempty"`
}

// Lifecycle is part of the spec of every kind that has native objects.
type Lifecycle struct {
	Managed `json:",inline"`

	// deletionPolicy decides about the native object when this object is
	// deleted. Delete: it is deleted too. Orphan: it stays, and XOS releases
	// its ownership of the object and its fields. Defaults to Delete, and for a
	// native object that was adopted to Orphan.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend pauses reconciliation: while true, the native object is neither
	// created, changed nor deleted. The condition Suspended is True, beside the
	// last result in the other conditions. This object can be deleted even so.
	// Defaults to false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// adopt decides what to do when the native object exists already and XOS
	// did not create it. Never: do not change it, and report NotOwned.
	// IfUnowned: adopt it unless it has another owner. Defaults to Never.
	// +optional
	Adopt AdoptionPolicy `json:"adopt,omitempty"`
}

// DeletionPolicy decides about a native object when its custom resource is
// deleted.
//
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes the native object. It is what an empty
	// policy means for an object that XOS created. There is no default in the
	// schema, because an adopted object is deleted only where this is explicit.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyOrphan keeps the native object and releases its ownership.
	DeletionPolicyOrphan DeletionPolicy = "Orphan"
)

// AdoptionPolicy decides what to do with a native object that exists already.
//
// +kubebuilder:validation:Enum=Never;IfUnowned
type AdoptionPolicy string

const (
	// AdoptNever does not change the object. It is what an empty policy means.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptIfUnowned adopts an object that has no controller, no owner
	// annotation of XOS and no label app.kubernetes.io/managed-by that another
	// manager set.
	AdoptIfUnowned AdoptionPolicy = "IfUnowned"
)

// ObjectStatus is the part of the status that all kinds share.
type ObjectStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// As long as it is lower, the status describes an earlier spec. It is -1
	// until the object is first reconciled.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions describe the state of the object: Ready, and while they are
	// true, Reconciling or Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// backendHandle is the API path of the native object, such as
	// /api/v1/namespaces/demo/pods/web. It is empty while there is none.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	BackendHandle string `json:"backendHandle,omitempty"`

	// Undecodable names the fields that could not be decoded when this object
	// was read; it is empty for every other object. It is in memory only, where
	// no client of the API server can set it: the decoded part of the spec is
	// not what its author wrote, and must not be acted on.
	Undecodable string `json:"-"`
}
