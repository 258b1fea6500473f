package reconciler

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// beyondReach returns whether a write to an owned object that is refused will remain refused: its
// namespace is not that of the object's trust domain any more, which was deleted or handed back,
// and the right to write there went with it. All authority comes from trust domains as they are
// now, so the object must not wait for that right. While the domain has the namespace, the write
// is retried.
func (c *controller[T]) beyondReach(object T, b store.OwnedObject) bool {
	return c.kind.Manages != nil && (!c.kind.Manages(object) || c.kind.Namespace(object) != b.Name.Namespace)
}

// recordLeftBehind records an Event about what a deleted object leaves behind. Its tracking
// metadata remains too, and is harmless: it is a hint, and a later owner of the name replaces it.
func (c *controller[T]) recordLeftBehind(ctx context.Context, object T, b store.OwnedObject) {
	klog.FromContext(ctx).Info("An object is left behind: no trust domain has its namespace any more", "kind", c.Name(), "object", klog.KObj(object),
		"child", b.Kind.Kind, "name", b.Name.String())
	if c.opts.Recorder == nil {
		return
	}
	c.opts.Recorder.Eventf(c.withKind(object.DeepCopyObject().(T)), nil, corev1.EventTypeWarning, xosv1.ReasonForbidden, "Delete",
		"%s %s is left where it is: its trust domain is gone, and with it the right to delete it", b.Kind.Kind, b.Name)
}
