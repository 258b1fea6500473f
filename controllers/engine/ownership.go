package engine

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const ownerUIDIndex = "xos-owner-uid"

// Owner is the custom resource that an object was created for. The namespace is
// empty for cluster-scoped kinds.
type Owner struct {
	Kind string
	Name cache.ObjectName
	UID  types.UID
}

// key is the owner without the UID: what an owner of the same name would share.
func (o Owner) key() string { return o.Kind + "/" + o.Name.String() }

// Mark is the content of a tracking annotation: which object it was written on,
// and for which owner. A copy of an object under another name, in another
// namespace or of another kind carries a mark that names something else, and so
// is nobody's.
//
// A mark is a hint. Whoever may write the object may write the mark, so nothing
// is deleted, hidden or shown because of a mark alone: the object must also lie
// where its owner places objects.
type Mark struct {
	Owner Owner
	// Kind and Name are those of the marked object.
	Kind schema.GroupKind
	Name cache.ObjectName
}

// String is the annotation's value:
// <owner's kind>/<its namespace>/<its name>/<its uid>/<kind>[.<group>]/<namespace>/<name>.
func (m Mark) String() string {
	o := m.Owner
	return strings.Join([]string{
		o.Kind, o.Name.Namespace, o.Name.Name, string(o.UID), m.Kind.String(), m.Name.Namespace, m.Name.Name,
	}, "/")
}

// MarkOf reads the tracking annotation. It returns false where there is none, where
// it is malformed, and where it names another object's namespace or name than those
// of the object that carries it.
func MarkOf(o metav1.Object) (Mark, bool) {
	parts := strings.Split(o.GetAnnotations()[xosv1.OwnerAnnotation], "/")
	const owner, kind, name = 0, 4, 6
	if len(parts) != name+1 || parts[owner] == "" || parts[2] == "" || parts[3] == "" || parts[kind] == "" {
		return Mark{}, false
	}
	m := Mark{
		Owner: Owner{Kind: parts[owner], Name: cache.NewObjectName(parts[1], parts[2]), UID: types.UID(parts[3])},
		Kind:  schema.ParseGroupKind(parts[kind]),
		Name:  cache.NewObjectName(parts[5], parts[name]),
	}
	return m, m.Name == cache.MetaObjectToName(o) && m.Kind.String() == parts[kind]
}

// OwnerOf returns the owner that an object's mark names. It returns false where the
// object has no mark, or one that was written on another object, and where another
// controller than that owner has the object: that one would create it again as often
// as it were deleted. The kind is the object's own, which typed clients do not keep.
func OwnerOf(o metav1.Object, kind schema.GroupKind) (Owner, bool) {
	m, ok := MarkOf(o)
	if !ok || m.Kind != kind {
		return Owner{}, false
	}
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil && ref.UID != m.Owner.UID {
		return Owner{}, false
	}
	return m.Owner, true
}

func ownerUIDOf(o metav1.Object, kind schema.GroupKind) []string {
	if owner, ok := OwnerOf(o, kind); ok {
		return []string{string(owner.UID)}
	}
	return nil
}

// relation is how an existing object stands to the owner that wants it.
type relation int

const (
	// ours: made, or taken over, for this very owner.
	ours relation = iota
	// predecessors: left by an owner of the same kind and name that had another UID.
	predecessors
	// collected: a predecessor's as well, with an owner reference to it, so that
	// the garbage collector deletes it.
	collected
	// nobodys: not made by us, and no controller holds it; it may be adopted.
	nobodys
	// anothers: another owner's, or controlled by another client. It is never
	// changed.
	anothers
)

// relate returns whose an object is. It is a pure function of the two.
func relate(o metav1.Object, kind schema.GroupKind, owner Owner) relation {
	ref := metav1.GetControllerOfNoCopy(o)
	if ref != nil && !refersTo(ref, owner) {
		return anothers
	}
	marked, ok := OwnerOf(o, kind)
	switch {
	case ok && marked == owner, !ok && ref != nil && ref.UID == owner.UID: // or another client took our annotation off
		return ours
	case ok && marked.key() != owner.key():
		return anothers
	case ref != nil && ref.UID != owner.UID, ok && references(o, marked.UID):
		return collected
	case ok:
		return predecessors
	}
	return nobodys
}

// refersTo returns whether an owner reference leads to this owner, or to one that
// had its name before.
func refersTo(ref *metav1.OwnerReference, owner Owner) bool {
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

// collectedWith returns whether the garbage collector deletes an object when the
// owner with this UID ends: it is the only one that the object refers to.
func collectedWith(o metav1.Object, uid types.UID) bool {
	return len(o.GetOwnerReferences()) == 1 && references(o, uid)
}

// holder describes, for a person, who an object belongs to.
func holder(o metav1.Object) string {
	if marked, ok := MarkOf(o); ok {
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

// holderFor describes, for a reader in a namespace, who an object belongs to. It
// names what lies in that namespace or is cluster-scoped, and field managers. The
// namespace is empty for whoever writes cluster-scoped kinds, who may know it all.
func holderFor(reader string, o metav1.Object) string {
	told := func(namespace string) bool { return reader == "" || namespace == "" || namespace == reader }
	if marked, ok := MarkOf(o); ok {
		if !told(marked.Owner.Name.Namespace) {
			return elsewhere
		}
		return holder(o)
	}
	named := metav1.GetControllerOfNoCopy(o) != nil || o.GetAnnotations()["meta.helm.sh/release-name"] != ""
	if named && !told(o.GetNamespace()) {
		return elsewhere
	}
	all := holder(o)
	// The field manager of a resource instance holds that one's namespace and name.
	if instance, ok := strings.CutPrefix(all, xosv1.FieldManager+":"); ok {
		if namespace, _, _ := strings.Cut(instance, "/"); !told(namespace) {
			return elsewhere
		}
	}
	return all
}

// mark puts on a configuration what makes it recognisable as this owner's: the
// label that our informers select, the annotation that leads back to the owner,
// and, where the garbage collector may act, the owner reference.
func mark[A Configuration[A]](want A, m Mark, kind schema.GroupVersionKind, reference bool) A {
	owner := m.Owner
	want = want.WithLabels(map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}).
		WithAnnotations(map[string]string{xosv1.OwnerAnnotation: m.String()})
	if !reference {
		return want
	}
	return want.WithOwnerReferences(metav1ac.OwnerReference().
		WithAPIVersion(kind.GroupVersion().String()).WithKind(kind.Kind).
		WithName(owner.Name.Name).WithUID(owner.UID).
		WithController(true).WithBlockOwnerDeletion(true))
}

// isAdopted says whether an object was there before we took it over. Such an
// object is only deleted where the spec says so in as many words.
func isAdopted(o metav1.Object) bool { return o.GetAnnotations()[xosv1.AdoptedAnnotation] != "" }

// recordedNamespace is the namespace in which an object's status says that its
// native object lies; empty for a cluster-scoped one and where there is none. The
// status is ours alone to write.
func recordedNamespace(handle string) string {
	_, rest, ok := strings.Cut(handle, "/namespaces/")
	namespace, _, inside := strings.Cut(rest, "/")
	if !ok || !inside {
		return ""
	}
	return namespace
}
