package pull

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

const (
	// producerName is in each body, as the original had it.
	producerName = "k8s-sync"
	// eventKind is how event types and sources call an instance.
	eventKind = "kubernetesserviceinstance"
)

// subject is what an event speaks of: a pod, as far as it is known.
type subject struct {
	uid             types.UID
	namespace, name string
	resourceVersion string
	labels          map[string]string
	addresses       []string
	// born and ended are zero where they are not known.
	born, ended time.Time
}

func subjectOfPod(pod *corev1.Pod) subject {
	s := subject{
		uid: pod.UID, namespace: pod.Namespace, name: pod.Name, resourceVersion: pod.ResourceVersion,
		labels: observe.ShownLabels(pod.Labels), born: pod.CreationTimestamp.Time,
	}
	s.addresses = observe.ShownAddresses(pod)
	if len(s.addresses) == 0 && pod.Status.PodIP != "" {
		s.addresses = []string{pod.Status.PodIP}
	}
	if pod.DeletionTimestamp != nil {
		s.ended = pod.DeletionTimestamp.Time
	}
	return s
}

// subjectOfRecord is a pod that is gone, as its instance remembers it. The
// instance's version stands for the pod's: it was written after all that was told
// of the pod, so the order within the source holds.
func subjectOfRecord(i *xosv1.KubernetesServiceInstance, uid types.UID) subject {
	s := subject{uid: uid, namespace: podName(i).Namespace, name: i.Name, resourceVersion: i.ResourceVersion}
	if i.Status.PodUID == uid {
		s.labels, s.addresses = i.Status.Labels, i.Status.PodIPs
	}
	return s
}

// owed lists the events of a pod that Kafka has not acknowledged, in order.
// Created and deleted are never left out; of changes only the last one counts.
func owed(acknowledged *xosv1.Delivery, s subject, ended bool) []xosv1.EventStatus {
	d := deliveryOf(acknowledged, s.uid)
	if d.Status == xosv1.EventDeleted {
		return nil
	}
	var events []xosv1.EventStatus
	if !d.Announced {
		events = append(events, xosv1.EventCreated)
	}
	switch {
	case ended:
		events = append(events, xosv1.EventDeleted)
	case d.Announced && d.Fingerprint != s.fingerprint():
		events = append(events, xosv1.EventUpdated)
	}
	return events
}

// deliveryOf is what was acknowledged of this pod and no other of its name.
func deliveryOf(d *xosv1.Delivery, uid types.UID) xosv1.Delivery {
	if d == nil || d.UID != uid {
		return xosv1.Delivery{UID: uid}
	}
	return *d
}

// body is the value of a message; the order of its fields is the original's.
type body struct {
	Status        xosv1.EventStatus `json:"status"`
	Name          string            `json:"name"`
	Producer      string            `json:"producer"`
	ID            uint64            `json:"kubernetesserviceinstance_id"`
	Labels        map[string]string `json:"labels"`
	NetInterfaces []netInterface    `json:"netinterfaces,omitempty"`
}

type netInterface struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
}

func (s subject) body(status xosv1.EventStatus) body {
	b := body{Status: status, Name: s.name, Producer: producerName, ID: numericID(s.uid), Labels: s.labels}
	if b.Labels == nil {
		b.Labels = map[string]string{} // consumers break on null
	}
	if len(s.addresses) > 0 {
		b.NetInterfaces = []netInterface{{Name: "primary", Addresses: s.addresses}}
	}
	return b
}

// message is an event as it is sent. The cluster is known by the UID of its
// namespace kube-system.
func (s subject) message(status xosv1.EventStatus, cluster types.UID, now time.Time) (Message, error) {
	value, err := json.Marshal(s.body(status))
	if err != nil {
		return Message{}, fmt.Errorf("encode the event %s of pod %s/%s: %w", status, s.namespace, s.name, err)
	}
	return Message{
		Key: s.name, Value: value,
		Headers: []Header{
			{"ce_specversion", "1.0"},
			{"ce_type", "org.opencord.xos." + eventKind + "." + string(status) + ".v1"},
			{"ce_source", "/clusters/" + string(cluster) + "/" + eventKind + "/" + string(s.uid)},
			{"ce_id", s.eventID(status)},
			{"ce_subject", s.namespace + "/" + s.name},
			{"ce_time", s.timeOf(status, now).UTC().Format(time.RFC3339)},
			{"ce_sequence", padded(s.resourceVersion)},
			{"ce_partitionkey", s.name},
			{"content-type", "application/json"},
		},
	}, nil
}

// podOfRecord is a pod that is gone, as far as the instance that records or made it
// remembers it.
func podOfRecord(i *xosv1.KubernetesServiceInstance) *corev1.Pod {
	name := podName(i)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: name.Namespace, Name: name.Name, UID: i.Status.PodUID, ResourceVersion: i.ResourceVersion, Labels: i.Status.Labels,
	}}
	for _, ip := range i.Status.PodIPs {
		pod.Status.PodIPs = append(pod.Status.PodIPs, corev1.PodIP{IP: ip})
	}
	if xosv1.IsManaged(i) {
		maker := ownership.Owner{Kind: instanceKind, Name: cache.MetaObjectToName(i), UID: i.UID}
		pod.Annotations = map[string]string{xosv1.OwnerAnnotation: ownership.TrackingID{Owner: maker, Kind: podKind.GroupKind(), Name: name}.String()}
	}
	return pod
}

// eventID is the same each time an event is sent, so that a consumer can tell a
// repetition.
func (s subject) eventID(status xosv1.EventStatus) string {
	if status == xosv1.EventUpdated {
		return string(s.uid) + "." + s.resourceVersion
	}
	return string(s.uid) + "." + string(status)
}

func (s subject) timeOf(status xosv1.EventStatus, now time.Time) time.Time {
	switch {
	case status == xosv1.EventCreated && !s.born.IsZero():
		return s.born
	case status == xosv1.EventDeleted && !s.ended.IsZero():
		return s.ended
	}
	return now
}

// fingerprint identifies what the body shows of a pod, its status aside: only a
// change of that is worth an event.
func (s subject) fingerprint() string {
	value, err := json.Marshal(s.body(""))
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	sum := sha256.Sum256(value)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// numericID is a number for consumers that know instances by numbers: stable,
// positive, and small enough for those that keep it in a float.
func numericID(uid types.UID) uint64 {
	const bits = 53
	sum := sha256.Sum256([]byte(uid))
	return max(binary.BigEndian.Uint64(sum[:8])>>(64-bits), 1)
}

// padded writes a resource version with 20 digits, so that text sorts as numbers.
func padded(resourceVersion string) string {
	const digits = 20
	return strings.Repeat("0", max(0, digits-len(resourceVersion))) + resourceVersion
}
