package engine

import (
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const ownerUIDIndex = "xos-owner-uid"

// Owner is the custom resource that an object was made for, as the object's
// tracking annotation tells: <kind>/<namespace>/<name>/<uid>, the namespace
// empty for cluster-scoped kinds.
type Owner struct {
	Kind string
	Name cache.ObjectName
	UID  types.UID
}

// String is the annotation's value.
func (o Owner) String() string {
	return strings.Join([]string{o.Kind, o.Name.Namespace, o.Name.Name, string(o.UID)}, "/")
}

// key is the owner without the UID: what an owner of the same name would share.
func (o Owner) key() string { return o.Kind + "/" + o.Name.String() }

// OwnerOf reads the tracking annotation; false where there is none that we can
// have written.
func OwnerOf(o metav1.Object) (Owner, bool) {
	parts := strings.Split(o.GetAnnotations()[xosv1.OwnerAnnotation], "/")
	if len(parts) != 4 || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return Owner{}, false
	}
	return Owner{Kind: parts[0], Name: cache.NewObjectName(parts[1], parts[2]), UID: types.UID(parts[3])}, true
}

func ownerUIDOf(o metav1.Object) []string {
	if owner, ok := OwnerOf(o); ok {
		return []string{string(owner.UID)}
	}
	return nil
}

// relation is how an existing object stands to the owner that wants it.
type relation int

const (
	// ours: made, or taken over, for this very owner.
	ours relation = iota
	// predecessors: made for an owner of the same kind and name, but another UID.
	predecessors
	// nobodys: not made by us, and no controller holds it; it may be adopted.
	nobodys
	// anothers: somebody else's, never to be touched.
	anothers
)

// relate says whose an object is. It is a pure function of the two.
func relate(o metav1.Object, owner Owner) relation {
	if marked, ok := OwnerOf(o); ok {
		switch {
		case marked == owner:
			return ours
		case marked.key() == owner.key():
			return predecessors
		}
		return anothers
	}
	if ref := metav1.GetControllerOf(o); ref != nil {
		// Somebody took our annotation off an object that is still ours.
		if ref.UID == owner.UID {
			return ours
		}
		return anothers
	}
	return nobodys
}

// holder describes, for a person, who an object belongs to.
func holder(o metav1.Object) string {
	if marked, ok := OwnerOf(o); ok {
		return fmt.Sprintf("%s %s", marked.Kind, marked.Name)
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

// mark puts on a configuration what makes it recognisable as this owner's: the
// label that our informers select, the annotation that leads back to the owner,
// and, where the garbage collector may act, the owner reference.
func mark[A Configuration[A]](want A, owner Owner, kind schema.GroupVersionKind, reference bool) A {
	want = want.WithLabels(map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}).
		WithAnnotations(map[string]string{xosv1.OwnerAnnotation: owner.String()})
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

// ignoreGone drops the errors that say that an object is not there any more:
// it, its namespace or its kind is missing, or its name has gone to another.
func ignoreGone(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
