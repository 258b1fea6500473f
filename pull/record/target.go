package record

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// TargetsPod returns whether an instance has its pod in a namespace, and so confirms the mark
// of a pod that names it.
func TargetsPod(r trustdomain.Reader, i *xosv1.KubernetesServiceInstance, namespace string) bool {
	return targets(i, namespace, func() (string, error) {
		_, target, err := trustdomain.TargetNamespaceOfInstance(r, i)
		return target, err
	})
}

// TargetsController returns whether a slice has its controller in a namespace.
func TargetsController(r trustdomain.Reader, s *xosv1.Slice, namespace string) bool {
	return targets(s, namespace, func() (string, error) { return trustdomain.TargetNamespace(r, s, s.Spec.TrustDomain) })
}

// targets returns whether a custom resource has native objects in a namespace: where its
// status says that it has them, or where its trust domain has them go. One of which neither
// is known is taken to have them in its own.
func targets(o xosv1.Object, namespace string, target func() (string, error)) bool {
	recorded := ownership.RecordedNamespace(o.GetObjectStatus().BackendHandle)
	if recorded == namespace {
		return true
	}
	if found, err := target(); err == nil {
		return found == namespace
	}
	return recorded == "" && o.GetNamespace() == namespace
}
