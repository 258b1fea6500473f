package pull

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

const (
	// PulledLabel is on every custom resource that the pull made; its value is
	// "true". Only such objects are ever deleted by it, and only while their
	// spec.xosManaged is false.
	PulledLabel = xosv1.GroupName + "/pulled"
	// DeliveryFinalizer holds an instance until Kafka has acknowledged the end
	// of its pod.
	DeliveryFinalizer = xosv1.GroupName + "/delivery"
)

// Kinds that records mirror.
var (
	podKind       = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	namespaceKind = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	accountKind   = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
	nodeKind      = schema.GroupVersionKind{Version: "v1", Kind: "Node"}
)

// isPulled says whether an object is the pull's to delete: made by it and not
// handed over since.
func isPulled(o xosv1.Object) bool {
	return o.GetLabels()[PulledLabel] == pulledValue && !xosv1.IsManaged(o)
}

// madeBy is the instance that a pod was made for; false for pods of others.
func madeBy(pod *corev1.Pod) (engine.Owner, bool) {
	owner, ok := engine.OwnerOf(pod, podKind.GroupKind())
	return owner, ok && owner.Kind == instanceKind
}

const instanceKind = "KubernetesServiceInstance"
