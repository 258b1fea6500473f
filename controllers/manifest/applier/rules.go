package applier

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Rules decides where and as whom the resources of a resource instance are
// written, from what the trust domains and principals say now. It is asked before
// each use, and sends no request.
type Rules interface {
	// TargetNamespace returns the namespace that the resources go into.
	TargetNamespace(r instance) (namespace string, err error)
	// Account is the ServiceAccount to apply them as, in the namespace that
	// TargetNamespace has returned.
	Account(r instance, namespace string) (xosv1.AppliedAs, error)
	// Former is the ServiceAccount as which what was applied earlier is deleted or
	// given up.
	Former(r instance) (xosv1.AppliedAs, error)
	// Adoptable returns why an object, which belongs to nobody, may not be adopted;
	// nil if it may. What was adopted is deleted on the same terms.
	Adoptable(r instance, kind schema.GroupKind, live metav1.Object) error
	// Ending says that a namespace is gone or terminating: what is in it ends by
	// itself.
	Ending(namespace string) bool
	// Uninstalled says that the kinds which give rights are not served any more, so
	// that there is no account to wait for.
	Uninstalled() bool
}
