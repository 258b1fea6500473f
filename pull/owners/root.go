package owners

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Reader reads the metadata of an owner. Found is false where it can't be
// read and never will: gone, replaced by a namesake, of an unknown kind, or not
// ours to read. An error is worth another try.
type Reader func(ctx context.Context, namespace string, ref metav1.OwnerReference) (o metav1.Object, found bool, err error)

// MaxOwners bounds the walk: real chains have two or three links, a forged one
// may be a circle.
const MaxOwners = 16

// Confirm reports whether the Slice that a controller's tracking annotation names made it.
type Confirm func(c metav1.Object, claim ownership.Owner) bool

// FindRoot walks from a pod along the owners that control each other, to
// the last one known, or to one that a Slice made. It returns nil for a pod without
// a controller. A Slice or an instance is none: what it makes it confirms.
func FindRoot(ctx context.Context, pod metav1.Object, read Reader, confirmed Confirm) (*record.RootOwner, error) {
	var top *record.RootOwner
	o := pod
	for range MaxOwners {
		ref := metav1.GetControllerOfNoCopy(o)
		if ref == nil || isMaker(ref) || !recordable(ref, pod.GetNamespace()) {
			return top, nil
		}
		top = &record.RootOwner{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name, UID: ref.UID}
		owner, found, err := read(ctx, pod.GetNamespace(), *ref)
		if err != nil {
			return nil, err
		}
		if !found {
			return top, nil
		}
		top.Known = true
		top.SliceLabel = owner.GetLabels()[xosv1.SliceNameLabel]
		kind := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).GroupKind()
		if claim, ok := record.ClaimedSlice(owner, kind); ok && confirmed(owner, claim) {
			top.CreatedBy = claim
			return top, nil // its owner reference, if any, leads to that same Slice
		}
		o = owner
	}
	return top, nil
}

// isMaker returns whether an owner reference leads to a custom resource of ours that
// makes pods or controllers.
func isMaker(ref *metav1.OwnerReference) bool {
	return record.IsXOS(ref.APIVersion) && (ref.Kind == record.SliceKind || ref.Kind == record.InstanceKind)
}

// recordable returns whether a record can name what an owner reference leads to. The API
// server bounds none of its texts. What no object is called is not asked for, and has no
// record, which could never be compared with anything.
func recordable(ref *metav1.OwnerReference, namespace string) bool {
	const longestKind = 63
	return len(ref.Kind) <= longestKind && mirroredBy(ref, namespace).Recordable()
}

// mirroredBy is what an owner reference of an object of a namespace leads to.
func mirroredBy(ref *metav1.OwnerReference, namespace string) ownership.Mirrored {
	return ownership.Mirrored{Kind: schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind), Name: cache.NewObjectName(namespace, ref.Name), UID: ref.UID}
}
