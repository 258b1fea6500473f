package ownership

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// CheckManagedBy is the error of taking over what another manager keeps, as Helm and others
// say in a label: two that keep one object would take it back from each other for
// ever. It is nil where the label is not there, or ours.
func CheckManagedBy(kind string, o metav1.Object) error {
	manager := o.GetLabels()[xosv1.ManagedByLabel]
	if manager == "" || manager == xosv1.ManagedByValue {
		return nil
	}
	return outcome.Obstruct(xosv1.ReasonNotOwned,
		"%s %s says that %s keeps it: to have it taken over, see to it that %s does not change it any more, and take its label %s off",
		kind, strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/"), manager, manager, xosv1.ManagedByLabel)
}
