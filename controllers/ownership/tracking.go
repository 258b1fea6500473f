package ownership

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Owner is the custom resource that an object was created for. The namespace is
// empty for cluster-scoped kinds.
type Owner struct {
	Kind string
	Name cache.ObjectName
	UID  types.UID
}

// key is the owner without the UID: what an owner of the same name would share.
func (o Owner) key() string { return o.Kind + "/" + o.Name.String() }

// TrackingID is the content of a tracking annotation: which object it was written on,
// and for which owner. A copy of an object under another name, in another
// namespace or of another kind carries an annotation that names something else, and so
// has no owner.
//
// The annotation is a hint. Any client that may write the object may write it, so nothing
// is deleted, hidden or shown because of the annotation alone: the object must also lie
// where its owner places objects.
type TrackingID struct {
	Owner Owner
	// Kind and Name are those of the object that carries the annotation.
	Kind schema.GroupKind
	Name cache.ObjectName
}

// String is the annotation's value:
// <owner's kind>/<its namespace>/<its name>/<its uid>/<kind>[.<group>]/<namespace>/<name>.
func (m TrackingID) String() string {
	o := m.Owner
	return strings.Join([]string{
		o.Kind, o.Name.Namespace, o.Name.Name, string(o.UID), m.Kind.String(), m.Name.Namespace, m.Name.Name,
	}, "/")
}

// TrackingIDOf reads the tracking annotation. It returns false where there is none, where
// it is malformed, where no owner can be called so, and where it names another object's
// namespace or name than those of the object that carries it.
func TrackingIDOf(o metav1.Object) (TrackingID, bool) {
	parts := strings.Split(o.GetAnnotations()[xosv1.OwnerAnnotation], "/")
	const owner, kind, name = 0, 4, 6
	if len(parts) != name+1 || parts[owner] == "" || !isName(parts[2]) || parts[3] == "" || parts[kind] == "" ||
		(parts[1] != "" && !isName(parts[1])) {
		return TrackingID{}, false
	}
	m := TrackingID{
		Owner: Owner{Kind: parts[owner], Name: cache.NewObjectName(parts[1], parts[2]), UID: types.UID(parts[3])},
		Kind:  schema.ParseGroupKind(parts[kind]),
		Name:  cache.NewObjectName(parts[5], parts[name]),
	}
	return m, m.Name == cache.MetaObjectToName(o) && m.Kind.String() == parts[kind]
}

// OwnerOf returns the owner that an object's tracking annotation names. It returns false
// where the object has none, or one that was written on another object, and where another
// controller than that owner has the object: that one would create it again as often
// as it were deleted. The kind is the object's own, which typed clients do not keep.
func OwnerOf(o metav1.Object, kind schema.GroupKind) (Owner, bool) {
	m, ok := TrackingIDOf(o)
	if !ok || m.Kind != kind {
		return Owner{}, false
	}
	if ref := metav1.GetControllerOfNoCopy(o); ref != nil && ref.UID != m.Owner.UID {
		return Owner{}, false
	}
	return m.Owner, true
}

// WithTracking puts on a configuration what makes it recognisable as this owner's: the
// label that our informers select, the annotation that leads back to the owner,
// and, where the garbage collector may act, the owner reference.
func WithTracking[A Configuration[A]](want A, m TrackingID, kind schema.GroupVersionKind, reference bool) A {
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
