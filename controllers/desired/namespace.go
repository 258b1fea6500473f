package desired

import (
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// enforceLabel is the Pod Security label that a namespace's admission obeys.
const enforceLabel = "pod-security.kubernetes.io/enforce"

// NamespaceOf is the name of the namespace that a trust domain corresponds to.
func NamespaceOf(d *xosv1.TrustDomain) string {
	if d.Spec.Namespace != "" {
		return d.Spec.Namespace
	}
	return d.Name
}

// Namespace is the namespace of a trust domain. Only what the spec lists is put
// on it: labels of the custom resource itself are not copied, since they may be
// those by which Argo CD or Flux would prune it.
func Namespace(d *xosv1.TrustDomain) *corev1.NamespaceApplyConfiguration {
	namespace := corev1.Namespace(NamespaceOf(d)).
		WithLabels(d.Spec.Labels).
		WithAnnotations(d.Spec.Annotations)
	if d.Spec.PodSecurity != "" {
		namespace.WithLabels(map[string]string{enforceLabel: string(d.Spec.PodSecurity)})
	}
	return namespace
}
