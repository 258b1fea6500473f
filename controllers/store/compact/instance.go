package compact

import (
	"encoding/json"
	"maps"
	"slices"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

var _ store.Compact = (*instance)(nil)

// instance is the record of a pod as a cache holds it.
type instance struct {
	own
	podUID uid
	// transition is the time of all conditions; 0 where they have several.
	transition int64
	// mirrors and handled are true where the annotation and the path of the pod are those that
	// follow from its name and UID.
	mirrors, handled bool
	shape            *xosv1.KubernetesServiceInstance
}

var instanceShapes shapes[xosv1.KubernetesServiceInstance]

// Instance returns the record of a pod in the form for caches. It changes the record, which is the
// caller's no more. What can't be encoded is returned as it was.
func Instance(i *xosv1.KubernetesServiceInstance) any {
	c, status := &instance{}, &i.Status
	if status.Undecodable != "" { // of which no encoding tells
		return i
	}
	c.mirrors = i.Annotations[xosv1.MirrorsAnnotation] == mirrored(i.Namespace, i.Name, status.PodUID)
	c.handled = status.BackendHandle == handle(i.Namespace, i.Name)
	c.transition = transition(status.Conditions)
	c.takeMetadata(&i.ObjectMeta)
	c.podUID, status.PodUID = packUID(status.PodUID), ""
	c.node, status.NodeName = unique.Make(status.NodeName), ""
	c.labels, status.Labels = shareLabels(status.Labels), nil
	c.podIP = status.PodIP
	c.onlyIP = c.podIP != "" && slices.Equal(status.PodIPs, []string{c.podIP})
	status.PodIP = ""
	if c.mirrors {
		delete(i.Annotations, xosv1.MirrorsAnnotation)
		if len(i.Annotations) == 0 {
			i.Annotations = nil // encoded, the two are the same
		}
	}
	if c.handled {
		status.BackendHandle = ""
	}
	if c.onlyIP {
		status.PodIPs = nil
	}
	if c.transition != 0 {
		setTransition(status.Conditions, metav1.Time{})
	}
	encoded, err := json.Marshal(i)
	if err != nil {
		c.fill(i)
		return i
	}
	c.shape = instanceShapes.share(encoded, i)
	return c
}

// Object implements store.Compact.
func (c *instance) Object() store.Object {
	i := *c.shape
	c.fill(&i)
	return &i
}

func (c *instance) fill(i *xosv1.KubernetesServiceInstance) {
	c.fillMetadata(&i.ObjectMeta)
	status := &i.Status
	status.PodUID, status.NodeName, status.PodIP = c.podUID.unpack(), c.node.Value(), c.podIP
	status.Labels = c.labels.shared()
	if c.onlyIP {
		status.PodIPs = []string{c.podIP}
	}
	if c.handled {
		status.BackendHandle = handle(i.Namespace, i.Name)
	}
	if c.transition != 0 {
		status.Conditions = slices.Clone(status.Conditions)
		setTransition(status.Conditions, at(c.transition))
	}
}

func (c *instance) fillMetadata(m *metav1.ObjectMeta) {
	c.putMetadata(m)
	if !c.mirrors {
		return
	}
	m.Annotations = maps.Clone(m.Annotations)
	if m.Annotations == nil {
		m.Annotations = make(map[string]string, 1)
	}
	m.Annotations[xosv1.MirrorsAnnotation] = mirrored(m.Namespace, m.Name, c.podUID.unpack())
}

// GetObjectMeta implements metav1.ObjectMetaAccessor.
func (c *instance) GetObjectMeta() metav1.Object {
	m := c.shape.ObjectMeta
	c.fillMetadata(&m)
	return &m
}

// mirrored is the annotation of the record of a pod.
func mirrored(namespace, name string, pod types.UID) string {
	return ownership.Mirrored{
		Kind: schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, Name: cache.NewObjectName(namespace, name), UID: pod,
	}.String()
}

func handle(namespace, name string) string { return observe.Handle("v1", "pods", namespace, name) }

// transition returns the time of conditions that have all the same; 0 otherwise.
func transition(conditions []metav1.Condition) int64 {
	if len(conditions) == 0 {
		return 0
	}
	first := seconds(conditions[0].LastTransitionTime)
	for _, c := range conditions[1:] {
		if seconds(c.LastTransitionTime) != first {
			return 0
		}
	}
	return first
}

func setTransition(conditions []metav1.Condition, t metav1.Time) {
	for i := range conditions {
		conditions[i].LastTransitionTime = t
	}
}
