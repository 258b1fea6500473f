package pull

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

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

// native names the native object that a pulled one mirrors.
type native struct {
	kind            schema.GroupVersionKind
	namespace, name string
	// uid is empty where the object is known by its name alone.
	uid types.UID
}

// String is the annotation's value.
func (n native) String() string {
	kind := strings.TrimSuffix(n.kind.Kind+"."+n.kind.Version+"."+n.kind.Group, ".")
	return strings.Join([]string{kind, n.namespace, n.name, string(n.uid)}, "/")
}

// reference is how a controlled object names it.
func (n native) reference() metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: n.kind.GroupVersion().String(), Kind: n.kind.Kind, Name: n.name, UID: n.uid, Controller: ptr.To(true),
	}
}

// mirrored reads the annotation; false where there is none that we can have
// written.
func mirrored(o metav1.Object) (native, bool) {
	parts := strings.Split(o.GetAnnotations()[xosv1.MirrorsAnnotation], "/")
	if len(parts) != 4 || parts[2] == "" {
		return native{}, false
	}
	kind := strings.SplitN(parts[0], ".", 3)
	if len(kind) < 2 || kind[0] == "" {
		return native{}, false
	}
	of := native{kind: schema.GroupVersionKind{Kind: kind[0], Version: kind[1]}, namespace: parts[1], name: parts[2], uid: types.UID(parts[3])}
	if len(kind) == 3 {
		of.kind.Group = kind[2]
	}
	return of, true
}

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
	owner, ok := engine.OwnerOf(pod)
	return owner, ok && owner.Kind == instanceKind
}

const instanceKind = "KubernetesServiceInstance"
