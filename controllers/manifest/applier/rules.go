package applier

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Rules decides where and as whom the resources of a resource instance are
// written, from what the trust domains and principals say now. It is asked before
// each use, and sends no request.
type Rules interface {
	// Place is the namespace that the resources go into.
	Place(r instance) (namespace string, err error)
	// Account is the ServiceAccount to apply them as, in the namespace that Place
	// has returned.
	Account(r instance, place string) (xosv1.AppliedAs, error)
	// Former is the ServiceAccount as which what was applied earlier is deleted or
	// given up.
	Former(r instance) (xosv1.AppliedAs, error)
	// Ending says that a namespace is gone or terminating: what is in it ends by
	// itself.
	Ending(namespace string) bool
	// Uninstalled says that the kinds which give rights are not served any more, so
	// that there is no account to wait for.
	Uninstalled() bool
}
