package pull

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// controller is what stands at the top of a pod's owners.
type controller struct {
	apiVersion, kind, name string
	uid                    types.UID
	// sliceName is what the label xos_slice_name asks for.
	sliceName string
	// owner is the Slice that made the controller, and confirms it; its Kind is
	// empty where somebody else did.
	owner ownership.Owner
	// read is false where the controller itself could not be read: then it is
	// known by a reference to it alone, and there may be more above it.
	read bool
}

// in is the controller as a record of a namespace mirrors it.
func (c *controller) in(namespace string) ownership.Mirrored {
	return ownership.Mirrored{Kind: schema.FromAPIVersionAndKind(c.apiVersion, c.kind), Name: cache.NewObjectName(namespace, c.name), UID: c.uid}
}

// ownerReader reads the metadata of an owner. Found is false where it can't be
// read and never will: gone, replaced by a namesake, of an unknown kind, or not
// ours to read. An error is worth another try.
type ownerReader func(ctx context.Context, namespace string, ref metav1.OwnerReference) (o metav1.Object, found bool, err error)

// maxOwners bounds the walk: real chains have two or three links, a forged one
// may be a circle.
const maxOwners = 16

// confirmation says whether the Slice that a controller's mark names made it.
type confirmation func(c metav1.Object, claim ownership.Owner) bool

// topController walks from a pod along the owners that control each other, to
// the last one known, or to one that a Slice made. It returns nil for a pod without
// a controller. A Slice or an instance is none: what it makes it confirms.
func topController(ctx context.Context, pod metav1.Object, read ownerReader, confirmed confirmation) (*controller, error) {
	var top *controller
	o := pod
	for range maxOwners {
		ref := metav1.GetControllerOfNoCopy(o)
		if ref == nil || isMaker(ref) || !recordable(ref) {
			return top, nil
		}
		top = &controller{apiVersion: ref.APIVersion, kind: ref.Kind, name: ref.Name, uid: ref.UID}
		owner, found, err := read(ctx, pod.GetNamespace(), *ref)
		if err != nil {
			return nil, err
		}
		if !found {
			return top, nil
		}
		top.read = true
		top.sliceName = owner.GetLabels()[xosv1.SliceNameLabel]
		kind := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).GroupKind()
		if claim, ok := sliceClaimOf(owner, kind); ok && confirmed(owner, claim) {
			top.owner = claim
			return top, nil // its owner reference, if any, leads to that same Slice
		}
		o = owner
	}
	return top, nil
}

// isXOS says whether an API version is one of our custom resources'.
func isXOS(apiVersion string) bool {
	return schema.FromAPIVersionAndKind(apiVersion, "").Group == xosv1.GroupName
}

// isMaker says whether an owner reference leads to a custom resource of ours that
// makes pods or controllers.
func isMaker(ref *metav1.OwnerReference) bool {
	return isXOS(ref.APIVersion) && (ref.Kind == sliceKind || ref.Kind == instanceKind)
}

// recordable says whether a record can name what an owner reference leads to. The API
// server bounds none of its texts, and no object has longer ones.
func recordable(ref *metav1.OwnerReference) bool {
	const longestKind, longestVersion, longestUID = 63, 317, 128
	return len(ref.Kind) <= longestKind && len(ref.APIVersion) <= longestVersion && len(ref.UID) <= longestUID &&
		len(ref.Name) <= validation.DNS1123SubdomainMaxLength
}

// sliceNames are the names that a controller's Slice may have, the best first.
// The later ones are for the case that another controller has the earlier ones;
// the last is the controller's alone.
func (c *controller) sliceNames() []string {
	base := baseName(c.name, c.sliceName)
	return []string{base, names.Append(base, names.Label(strings.ToLower(c.kind)), maxName), names.Append(base, names.Hash(string(c.uid)), maxName)}
}

// sliceNameOf is the best of these names for a controller, as it may be seen
// before any pod of it.
func sliceNameOf(c metav1.Object) cache.ObjectName {
	return cache.NewObjectName(c.GetNamespace(), baseName(c.GetName(), c.GetLabels()[xosv1.SliceNameLabel]))
}

func baseName(name, sliceName string) string {
	if sliceName != "" {
		name = sliceName
	}
	return names.Label(name)
}
