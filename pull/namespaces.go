package pull

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// namespaceEnds returns whether a namespace is on its way out: marked by the server, or
// left to the garbage collector by the end of the trust domain that made it. Nothing
// is recorded for such a namespace, lest the record stand where a user makes an
// object anew.
func namespaceEnds(c *cluster.Cluster, name string) bool {
	namespace, ok := c.Namespaces.Get(cache.NewObjectName("", name))
	return ok && (namespace.DeletionTimestamp != nil || isCollected(c, namespace))
}

// isCollected returns whether the trust domain that controls a namespace is gone.
func isCollected(c *cluster.Cluster, namespace *corev1.Namespace) bool {
	ref := metav1.GetControllerOfNoCopy(namespace)
	if ref == nil || ref.Kind != record.TrustDomainKind || !record.IsXOS(ref.APIVersion) {
		return false
	}
	domain, ok := c.TrustDomains.Get(cache.NewObjectName("", ref.Name))
	return !ok || domain.UID != ref.UID
}
