package verdict

import (
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// TrustDomain judges a trust domain by its namespace, nil while there is none,
// and fills in its status.
func TrustDomain(into *xosv1.TrustDomain, namespace *corev1.Namespace, present Outcome) Outcome {
	into.Status.Namespace, into.Status.Phase = "", ""
	if namespace == nil {
		return present
	}
	into.Status.Namespace, into.Status.Phase = namespace.Name, string(namespace.Status.Phase)
	if namespace.DeletionTimestamp != nil {
		return Remade("namespace "+namespace.Name, HeldBy(namespace, NamespaceRemains(namespace)))
	}
	return present
}
