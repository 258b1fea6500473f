package desired

import (
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// NamespaceOf returns the name of the namespace that a trust domain corresponds to.
func NamespaceOf(d *xosv1.TrustDomain) string {
	if d.Spec.Namespace != "" {
		return d.Spec.Namespace
	}
	return d.Name
}

// Namespace returns the namespace of a trust domain. It has only the metadata that the spec lists:
// labels of the custom resource itself are not copied, since Argo CD or Flux might prune it by
// them.
func Namespace(d *xosv1.TrustDomain) *corev1.NamespaceApplyConfiguration {
	return corev1.Namespace(NamespaceOf(d)).
		WithLabels(d.Spec.Labels).
		WithLabels(map[string]string{xosv1.PodSecurityEnforceLabel: string(podSecurity(d))}).
		WithAnnotations(d.Spec.Annotations)
}

// podSecurity returns the Pod Security level that a trust domain's namespace enforces. The level
// privileged must be set explicitly.
func podSecurity(d *xosv1.TrustDomain) xosv1.PodSecurityLevel {
	if d.Spec.PodSecurity == "" {
		return xosv1.PodSecurityBaseline
	}
	return d.Spec.PodSecurity
}
