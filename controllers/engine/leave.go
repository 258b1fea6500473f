package engine

import (
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// beyondReach returns whether a child of a deleted object is to be left where it is:
// the trust domain is gone, and the right to write in its namespace went with it. All
// authority comes from trust domains as they are now, so nobody will have that right
// again, and the object must not wait for it. While there is a domain, what is refused
// is tried again.
func (c *controller[T]) beyondReach(object T, err error) bool {
	return apierrors.IsForbidden(err) && c.kind.Namespace != nil && c.kind.Namespace(object) == ""
}

// leave tells by an Event what a deleted object leaves behind. Its marks stay too, and
// do no harm: a mark is a hint, and a later owner of the name takes it over.
func (c *controller[T]) leave(object T, b belonging) {
	if c.opts.Recorder == nil {
		return
	}
	c.opts.Recorder.Eventf(c.withKind(object.DeepCopyObject().(T)), nil, corev1.EventTypeWarning, xosv1.ReasonForbidden, "Delete",
		"%s %s is left where it is: its trust domain is gone, and with it the right to delete it", b.kind.Kind, b.name)
}
