package ownership

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func OwnerUIDs(o metav1.Object, kind schema.GroupKind) []string {
	if owner, ok := OwnerOf(o, kind); ok {
		return []string{string(owner.UID)}
	}
	return nil
}

// Relation is how an existing object stands to the owner that wants it.
type Relation int

const (
	// ours: made, or taken over, for this very owner.
	OwnedByThis Relation = iota
	// predecessors: left by an owner of the same kind and name that had another UID.
	LeftByPredecessor
	// collected: a predecessor's as well, with an owner reference to it, so that
	// the garbage collector deletes it.
	Collected
	// nobodys: not made by us, and no controller holds it; it may be adopted.
	Unowned
	// anothers: another owner's, or controlled by another client. It is never
	// changed.
	OwnedByOther
)

// Relate returns whose an object is. It is a pure function of the two.
func Relate(o metav1.Object, kind schema.GroupKind, owner Owner) Relation {
	ref := metav1.GetControllerOfNoCopy(o)
	if ref != nil && !RefersTo(ref, owner) {
		return OwnedByOther
	}
	marked, ok := OwnerOf(o, kind)
	switch {
	case ok && marked == owner, !ok && ref != nil && ref.UID == owner.UID: // or another client took our annotation off
		return OwnedByThis
	case ok && marked.key() != owner.key():
		return OwnedByOther
	case ref != nil && ref.UID != owner.UID, ok && references(o, marked.UID):
		return Collected
	case ok:
		return LeftByPredecessor
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

// Holder describes, for a person, who an object belongs to.
func Holder(o metav1.Object) string {
	if marked, ok := TrackingIDOf(o); ok {
		return fmt.Sprintf("%s %s", marked.Owner.Kind, marked.Owner.Name)
	}
	if ref := metav1.GetControllerOf(o); ref != nil {
		return fmt.Sprintf("%s %s", ref.Kind, ref.Name)
	}
	if release := o.GetAnnotations()["meta.helm.sh/release-name"]; release != "" {
		return "Helm release " + release
	}
	if manager := o.GetLabels()[xosv1.ManagedByLabel]; manager != "" {
		return manager
	}
	if fields := o.GetManagedFields(); len(fields) > 0 {
		return fields[0].Manager
	}
	return "somebody else"
}

// elsewhere describes what an object of another namespace than its reader's belongs
// to: what others have there is not the reader's to know.
const elsewhere = "an object in another namespace"

// HolderFor describes, for a reader in a namespace, who an object belongs to. It
// names what lies in that namespace or is cluster-scoped, and field managers. The
// namespace is empty for whoever writes cluster-scoped kinds, who may know it all.
func HolderFor(reader string, o metav1.Object) string {
	told := func(namespace string) bool { return reader == "" || namespace == "" || namespace == reader }
	if marked, ok := TrackingIDOf(o); ok {
		if !told(marked.Owner.Name.Namespace) {
			return elsewhere
		}
		return Holder(o)
	}
	named := metav1.GetControllerOfNoCopy(o) != nil || o.GetAnnotations()["meta.helm.sh/release-name"] != ""
	if named && !told(o.GetNamespace()) {
		return elsewhere
	}
	all := Holder(o)
	// The field manager of a resource instance holds that one's namespace and name.
	if instance, ok := strings.CutPrefix(all, xosv1.FieldManager+":"); ok {
		if namespace, _, _ := strings.Cut(instance, "/"); !told(namespace) {
			return elsewhere
		}
	}
	return all
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
