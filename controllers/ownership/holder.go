package ownership

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// HelmReleaseAnnotation names the Helm release that an object is part of.
const HelmReleaseAnnotation = "meta.helm.sh/release-name"

// Holder describes, for a person, who an object belongs to.
func Holder(o metav1.Object) string {
	if tracked, ok := TrackingIDOf(o); ok {
		return fmt.Sprintf("%s %s", tracked.Owner.Kind, tracked.Owner.Name)
	}
	if ref := metav1.GetControllerOf(o); ref != nil {
		return fmt.Sprintf("%s %s", ref.Kind, ref.Name)
	}
	if release := o.GetAnnotations()[HelmReleaseAnnotation]; release != "" {
		return "Helm release " + release
	}
	if manager := o.GetLabels()[xosv1.ManagedByLabel]; manager != "" {
		return manager
	}
	if fields := o.GetManagedFields(); len(fields) > 0 {
		return fields[0].Manager
	}
	return "another client"
}

// elsewhere describes what an object of another namespace than its reader's belongs
// to: what others have there is not the reader's to know.
const elsewhere = "an object in another namespace"

// HolderFor describes, for a reader in a namespace, who an object belongs to. It
// names what lies in that namespace or is cluster-scoped, and field managers. The
// namespace is empty for a reader that writes cluster-scoped kinds, which may know it all.
func HolderFor(reader string, o metav1.Object) string {
	visible := func(namespace string) bool { return reader == "" || namespace == "" || namespace == reader }
	if tracked, ok := TrackingIDOf(o); ok {
		if !visible(tracked.Owner.Name.Namespace) {
			return elsewhere
		}
		return Holder(o)
	}
	named := metav1.GetControllerOfNoCopy(o) != nil || o.GetAnnotations()[HelmReleaseAnnotation] != ""
	if named && !visible(o.GetNamespace()) {
		return elsewhere
	}
	all := Holder(o)
	// The field manager of a resource instance holds that one's namespace and name.
	if instance, ok := strings.CutPrefix(all, xosv1.FieldManager+":"); ok {
		if namespace, _, _ := strings.Cut(instance, "/"); !visible(namespace) {
			return elsewhere
		}
	}
	return all
}

// NameConflict returns the error of a name that another owner's object, or one that may
// not be adopted, has taken. what names that object and wanted the one that needs another
// name, as the reader in this namespace calls it. Where the reader could have the object
// adopted, unowned says so. withheld is the holder where the error does not name it: the
// operator may read it in the log.
func NameConflict(what, wanted, reader string, o metav1.Object, unowned bool) (withheld string, _ error) {
	reported, all := HolderFor(reader, o), Holder(o)
	if all != reported {
		withheld = all
	}
	alternative := ""
	if unowned {
		alternative = ", or set spec.adopt to IfUnowned to take it over"
	}
	return withheld, outcome.Obstruct(xosv1.ReasonNotOwned, "%s exists and belongs to %s: give %s another name%s", what, reported, wanted, alternative)
}
