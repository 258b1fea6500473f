package event

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Kind is a kind of entity, as keys, types and sources of events name it.
type Kind string

// Instance is the kind of a pod, which is a KubernetesServiceInstance of XOS.
const Instance Kind = "kubernetesserviceinstance"

// ID identifies an entity of one cluster. The UID of an instance is that of its pod.
type ID struct {
	Kind Kind
	UID  types.UID
}

// Entity is what events report of an object of the cluster at one time.
type Entity struct {
	ID
	Namespace, Name string
	ResourceVersion string
	Labels          map[string]string
	// Addresses are the IP addresses of a pod.
	Addresses []string
	// Node and ServiceAccount are what a pod refers to.
	Node, ServiceAccount string
	// CreatedAt and DeletedAt are zero where they are not known.
	CreatedAt, DeletedAt time.Time
}

// OfPod returns the entity of a pod as it is.
func OfPod(pod *corev1.Pod) Entity {
	e := Entity{
		ID: ID{Instance, pod.UID}, Namespace: pod.Namespace, Name: pod.Name, ResourceVersion: pod.ResourceVersion,
		Labels: observe.ShownLabels(pod.Labels), Node: pod.Spec.NodeName, ServiceAccount: pod.Spec.ServiceAccountName,
		CreatedAt: pod.CreationTimestamp.Time,
	}
	e.Addresses = observe.ShownAddresses(pod)
	if len(e.Addresses) == 0 && pod.Status.PodIP != "" {
		e.Addresses = []string{pod.Status.PodIP}
	}
	if pod.DeletionTimestamp != nil {
		e.DeletedAt = pod.DeletionTimestamp.Time
	}
	return e
}

// OfRecord returns the entity of a pod that is gone, as its instance remembers it. The
// resource version of the instance stands for that of the pod: it was written after all
// that was published of the pod, so the order within the source holds.
func OfRecord(i *xosv1.KubernetesServiceInstance, uid types.UID) Entity {
	e := Entity{ID: ID{Instance, uid}, Namespace: record.PodName(i).Namespace, Name: i.Name, ResourceVersion: i.ResourceVersion}
	if i.Status.PodUID == uid {
		e.Labels, e.Addresses, e.Node = i.Status.Labels, i.Status.PodIPs, i.Status.NodeName
	}
	return e
}

// id is the same each time an event is sent, so that a consumer recognizes a repetition.
func (e Entity) id(status xosv1.EventStatus) string {
	if status == xosv1.EventUpdated {
		return string(e.UID) + "." + e.ResourceVersion
	}
	return string(e.UID) + "." + string(status)
}

// time returns when the event happened; now where that is not known.
func (e Entity) time(status xosv1.EventStatus, now time.Time) time.Time {
	switch {
	case status == xosv1.EventCreated && !e.CreatedAt.IsZero():
		return e.CreatedAt
	case status == xosv1.EventDeleted && !e.DeletedAt.IsZero():
		return e.DeletedAt
	}
	return now
}

// padded writes a resource version with 20 digits, so that text sorts as numbers.
func padded(resourceVersion string) string {
	const digits = 20
	return strings.Repeat("0", max(0, digits-len(resourceVersion))) + resourceVersion
}
