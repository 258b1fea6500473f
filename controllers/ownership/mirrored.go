package ownership

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Mirrored is the native object that a custom resource inventories, as that
// one's annotation identifies it: <kind>.<version>.<group>/<namespace>/<name>/<uid>, the
// namespace empty for cluster-scoped kinds.
type Mirrored struct {
	Kind schema.GroupVersionKind
	Name cache.ObjectName
	// UID is empty where the object is known by its name alone.
	UID types.UID
}

// String is the annotation's value.
func (m Mirrored) String() string {
	kind := strings.TrimSuffix(m.Kind.Kind+"."+m.Kind.Version+"."+m.Kind.Group, ".")
	return strings.Join([]string{kind, m.Name.Namespace, m.Name.Name, string(m.UID)}, "/")
}

// SameName returns whether two are, or were, of one kind and name. At any time there
// is one such object at most: where their UIDs differ, one came after the other.
func (m Mirrored) SameName(as Mirrored) bool {
	return m.Kind.GroupKind() == as.Kind.GroupKind() && m.Name == as.Name
}

// MirroredBy reads the annotation; false where there is none that we can have
// written. A record mirrors what is in its own namespace, or has none: one that names
// another namespace would show its author what others have there.
func MirroredBy(o metav1.Object) (Mirrored, bool) {
	m, ok := parseMirrored(o.GetAnnotations()[xosv1.MirrorsAnnotation])
	if !ok || (m.Name.Namespace != "" && m.Name.Namespace != o.GetNamespace()) {
		return Mirrored{}, false
	}
	return m, true
}

// Recordable returns whether a record's annotation can identify an object: it is read back as it
// was written. The API server bounds nothing of an owner reference, so that one may name what
// no object is called.
func (m Mirrored) Recordable() bool {
	read, ok := parseMirrored(m.String())
	return ok && read == m
}

func parseMirrored(value string) (Mirrored, bool) {
	parts := strings.Split(value, "/")
	const longestKind, longestUID = 400, 128 // a kind with its version and group
	if len(parts) != 4 || !isName(parts[2]) || len(parts[0]) > longestKind || len(parts[3]) > longestUID {
		return Mirrored{}, false
	}
	kind := strings.SplitN(parts[0], ".", 3)
	if len(kind) < 2 || kind[0] == "" {
		return Mirrored{}, false
	}
	m := Mirrored{
		Kind: schema.GroupVersionKind{Kind: kind[0], Version: kind[1]},
		Name: cache.NewObjectName(parts[1], parts[2]), UID: types.UID(parts[3]),
	}
	if len(kind) == 3 {
		m.Kind.Group = kind[2]
	}
	return m, true
}

// isName returns whether an object may have a name. Not all clients refuse a text that leads to
// another place where it is part of a path of the API.
func isName(text string) bool {
	return text != "" && len(text) <= validation.DNS1123SubdomainMaxLength && len(content.IsPathSegmentName(text)) == 0
}
