package ownership

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// OwnerUIDs returns the UID of the owner that an object names, as the values of an index.
func OwnerUIDs(o metav1.Object, kind schema.GroupKind) []string {
	if owner, ok := OwnerOf(o, kind); ok {
		return []string{string(owner.UID)}
	}
	return nil
}

// Relation is how an existing object is related to the owner that wants it.
type Relation int

const (
	// OwnedByThis is an object that was created or adopted for this very owner.
	OwnedByThis Relation = iota
	// LeftByPredecessor is an object of an owner of the same kind and name that had
	// another UID.
	LeftByPredecessor
	// Collected is a predecessor's object with an owner reference to it, so that the
	// garbage collector deletes it.
	Collected
	// Unowned is an object that no owner of ours and no controller has. It may be
	// adopted.
	Unowned
	// OwnedByOther is an object of another owner, or of another client's controller. It
	// is never changed.
	OwnedByOther
)

// Relate returns how an object is related to an owner that puts owner references on its
// objects. Such a reference stands for tracking metadata that another client removed.
func Relate(o metav1.Object, kind schema.GroupKind, owner Owner) Relation {
	ref := metav1.GetControllerOfNoCopy(o)
	if ref != nil && !RefersTo(ref, owner) {
		return OwnedByOther
	}
	tracked, ok := OwnerOf(o, kind)
	switch {
	case ok && tracked == owner, !ok && ref != nil && ref.UID == owner.UID: // or another client took our annotation off
		return OwnedByThis
	case ok && tracked.key() != owner.key():
		return OwnedByOther
	case ref != nil && ref.UID != owner.UID, ok && references(o, tracked.UID):
		return Collected
	case ok:
		return LeftByPredecessor
	}
	return Unowned
}

// RelateRecorded is Relate for an owner that puts no owner references on its objects and
// records their UIDs in its status instead. The recorded UID, empty where there is none,
// stands for tracking metadata that another client removed. An owner reference proves
// nothing here, since the owner never writes one: an object without tracking metadata that
// has a controller belongs to that, and nothing is left to the garbage collector.
func RelateRecorded(o metav1.Object, kind schema.GroupKind, owner Owner, recorded types.UID) Relation {
	tracked, ok := OwnerOf(o, kind)
	switch {
	case ok && tracked == owner:
		return OwnedByThis
	case ok && tracked.key() == owner.key():
		return LeftByPredecessor
	case ok, metav1.GetControllerOfNoCopy(o) != nil:
		return OwnedByOther
	case recorded != "" && recorded == o.GetUID():
		return OwnedByThis
	}
	return Unowned
}

// RefersTo returns whether an owner reference leads to this owner, or to one that
// had its name before.
func RefersTo(ref *metav1.OwnerReference, owner Owner) bool {
	if ref.UID == owner.UID {
		return true
	}
	group, err := schema.ParseGroupVersion(ref.APIVersion)
	return err == nil && group.Group == xosv1.GroupName && ref.Kind == owner.Kind && ref.Name == owner.Name.Name
}

// references returns whether an object has an owner reference to a UID.
func references(o metav1.Object, uid types.UID) bool {
	return slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == uid })
}

// CollectedWith returns whether the garbage collector deletes an object when the
// owner with this UID ends: it is the only one that the object refers to.
func CollectedWith(o metav1.Object, uid types.UID) bool {
	return len(o.GetOwnerReferences()) == 1 && references(o, uid)
}

// RecordedNamespace is the namespace in which an object's status says that its
// native object lies; empty for a cluster-scoped one and where there is none. The
// status is ours alone to write.
func RecordedNamespace(handle string) string {
	_, rest, ok := strings.Cut(handle, "/namespaces/")
	namespace, _, inside := strings.Cut(rest, "/")
	if !ok || !inside {
		return ""
	}
	return namespace
}
