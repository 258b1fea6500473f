package desired

import (
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

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
	return corev1.Namespace(NamespaceOf(d)).
		WithLabels(d.Spec.Labels).
		WithLabels(map[string]string{xosv1.PodSecurityEnforceLabel: string(podSecurity(d))}).
		WithAnnotations(d.Spec.Annotations)
}

// podSecurity is the level that a trust domain's namespace enforces. That anything
// goes there has to be said.
func podSecurity(d *xosv1.TrustDomain) xosv1.PodSecurityLevel {
	if d.Spec.PodSecurity == "" {
		return xosv1.PodSecurityBaseline
	}
	return d.Spec.PodSecurity
}
