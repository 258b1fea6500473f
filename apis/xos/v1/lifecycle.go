package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Object is implemented by every kind of this package. It lets code that works
// on all kinds do so without reflection.
//
// +kubebuilder:object:generate=false
type Object interface {
	metav1.Object
	runtime.Object
	// GetLifecycle returns the part of the spec that says whether and how the
	// native object is managed. On a kind that materializes nothing only its
	// XOSManaged is set.
	GetLifecycle() Lifecycle
	// GetObjectStatus returns the part of the status that all kinds share. It
	// points into the object: to change it is to change the object.
	GetObjectStatus() *ObjectStatus
}

// IsManaged tells whether o describes what is wanted (true, the default) or
// only what is there: an inventoried object, which is never created, changed or
// deleted natively.
func IsManaged(o Object) bool {
	managed := o.GetLifecycle().XOSManaged
	return managed == nil || *managed
}

// Managed is part of every spec.
type Managed struct {
	// xosManaged says which way the truth runs. True: this object says what is
	// wanted, and XOS makes it so. False: this object is an inventory record
	// of something that somebody else made; XOS keeps its status and never
	// creates, changes or deletes the native object. Turning it to true hands
	// the native object over to XOS. Defaults to true.
	// +optional
	// +kubebuilder:default=true
	XOSManaged *bool `json:"xosManaged,omitempty"`
}

// Lifecycle is part of the spec of every kind that materializes native objects.
type Lifecycle struct {
	Managed `json:",inline"`

	// deletionPolicy says what becomes of the native object when this object
	// is deleted. Delete: it is deleted too. Orphan: it stays, and XOS gives up
	// its ownership and its claim on the fields. Defaults to Delete, and for a
	// native object that was adopted to Orphan.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend holds XOS back: while true, the native object is neither
	// created, changed nor deleted. The condition Suspended is True, beside what
	// the other conditions said last.
	// Deleting this object works all the same. Defaults to false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// adopt says what to do when the native object exists already and XOS did
	// not make it. Never: leave it alone and report NotOwned. IfUnowned: take
	// it over unless something else owns it. Defaults to Never.
	// +optional
	Adopt AdoptionPolicy `json:"adopt,omitempty"`
}

// DeletionPolicy says what becomes of a native object with its custom resource.
//
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

const (
	// DeletionPolicyDelete deletes the native object. It is what an empty
	// policy means for an object that XOS made. There is no default in the
	// schema, because an adopted object is deleted only where this was written
	// out.
	DeletionPolicyDelete DeletionPolicy = "Delete"
	// DeletionPolicyOrphan leaves the native object and gives up its ownership.
	DeletionPolicyOrphan DeletionPolicy = "Orphan"
)

// AdoptionPolicy says what to do with a native object that exists already.
//
// +kubebuilder:validation:Enum=Never;IfUnowned
type AdoptionPolicy string

const (
	// AdoptNever leaves the object alone. It is what an empty policy means.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptIfUnowned takes over an object that has no controller, no owner
	// annotation of XOS and no label app.kubernetes.io/managed-by that another
	// manager set.
	AdoptIfUnowned AdoptionPolicy = "IfUnowned"
)

// ObjectStatus is the part of the status that all kinds share.
type ObjectStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// As long as it is lower, the status is of an earlier spec. It is -1 until
	// the object was first looked at.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions say how far the object has come: Ready, and while they are
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

	// Undecodable names the fields that could not be decoded when this object was
	// read; it is empty for every other object. It is in memory only, where no
	// client of the API server can set it: what is there of the spec is not what
	// its author wrote, and nobody may act on it.
	Undecodable string `json:"-"`
}
