package engine

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// The engine's rules of dealing with other owners and field managers, for an
// External to keep to as well.

// Conflicts lists the fields over which an apply was refused, and those of them
// that another applier declares as its own. The others were edited by hand, and
// are taken back.
func Conflicts(err error) (all, declared []metav1.StatusCause) {
	all = fieldConflicts(err)
	return all, declaredElsewhere(all)
}

// Holder describes, for a person, who an object belongs to.
func Holder(o metav1.Object) string { return holder(o) }

// Disclaim leaves our own records out of those of who manages which field, for
// an object that is given up.
func Disclaim(fields []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	return withoutOurs(fields)
}
