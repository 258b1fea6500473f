package status

import (
	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// TrustDomain judges a trust domain by its namespace, nil while there is none,
// and fills in its status.
func TrustDomain(into *xosv1.TrustDomain, namespace *corev1.Namespace, present outcome.Outcome) outcome.Outcome {
	into.Status.Namespace, into.Status.Phase = "", ""
	if namespace == nil {
		return present
	}
	into.Status.Namespace, into.Status.Phase = namespace.Name, string(namespace.Status.Phase)
	if namespace.DeletionTimestamp != nil {
		return Recreated("namespace "+namespace.Name, observe.HeldBy(namespace, observe.NamespaceRemains(namespace)))
	}
	return present
}
