package engine

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// The engine's rules of dealing with other owners and field managers, for an
// External to keep to as well.

// Conflicts lists the fields over which an apply was refused, and those of them
// that another applier declares as its own. The others were edited by hand, and
// are taken back.
func Conflicts(err error) (all, declared []metav1.StatusCause) {
	all = fieldConflicts(err)
	return all, declaredElsewhere(all)
}

// Disclaim leaves the records of a manager out of those of who manages which
// field, for an object that is given up. An empty list would be taken for "as
// before"; one empty record is how the API asks for none.
func Disclaim(fields []metav1.ManagedFieldsEntry, manager string) []metav1.ManagedFieldsEntry {
	rest := slices.DeleteFunc(fields, func(f metav1.ManagedFieldsEntry) bool { return f.Manager == manager })
	if len(rest) == 0 {
		return []metav1.ManagedFieldsEntry{{}}
	}
	return rest
}

// Kept is the error of taking over what another manager keeps, as Helm and others
// say in a label: two that keep one object would take it back from each other for
// ever. It is nil where the label is not there, or ours.
func Kept(kind string, o metav1.Object) error {
	manager := o.GetLabels()[xosv1.ManagedByLabel]
	if manager == "" || manager == xosv1.ManagedByValue {
		return nil
	}
	return verdict.Obstruct(xosv1.ReasonNotOwned,
		"%s %s says that %s keeps it: to have it taken over, see to it that %s does not change it any more, and take its label %s off",
		kind, cache.MetaObjectToName(o), manager, manager, xosv1.ManagedByLabel)
}
