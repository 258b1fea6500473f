package record

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// RootOwner is what stands at the top of a pod's owners.
type RootOwner struct {
	APIVersion, Kind, Name string
	UID                    types.UID
	// SliceLabel is what the label xos_slice_name asks for.
	SliceLabel string
	// CreatedBy is the Slice that made the controller, and confirms it; its Kind is
	// empty where another client did.
	CreatedBy ownership.Owner
	// Known is false where the controller itself could not be read: then it is
	// known by a reference to it alone, and there may be more above it.
	Known bool
}

// MirroredIn is the controller as a record of a namespace mirrors it.
func (c *RootOwner) MirroredIn(namespace string) ownership.Mirrored {
	return ownership.Mirrored{Kind: schema.FromAPIVersionAndKind(c.APIVersion, c.Kind), Name: cache.NewObjectName(namespace, c.Name), UID: c.UID}
}

// SliceNames are the names that a controller's Slice may have, the best first.
// The later ones are for the case that another controller has the earlier ones;
// the last is the controller's alone.
func (c *RootOwner) SliceNames() []string {
	base := baseName(c.Name, c.SliceLabel)
	return []string{base, names.Append(base, names.Label(strings.ToLower(c.Kind)), MaxName), names.Append(base, names.Hash(string(c.UID)), MaxName)}
}

// SliceNameOf is the best of these names for a controller, as it may be seen
// before any pod of it.
func SliceNameOf(c metav1.Object) cache.ObjectName {
	return cache.NewObjectName(c.GetNamespace(), baseName(c.GetName(), c.GetLabels()[xosv1.SliceNameLabel]))
}

func baseName(name, sliceName string) string {
	if sliceName != "" {
		name = sliceName
	}
	return names.Label(name)
}
