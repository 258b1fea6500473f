package event

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// PodSnapshot is the subject of an event: a pod, as far as it is known.
type PodSnapshot struct {
	UID             types.UID
	Namespace, Name string
	ResourceVersion string
	labels          map[string]string
	addresses       []string
	// CreatedAt and DeletedAt are zero where they are not known.
	CreatedAt, DeletedAt time.Time
}

// SnapshotOfPod returns the snapshot of a pod as it is.
func SnapshotOfPod(pod *corev1.Pod) PodSnapshot {
	s := PodSnapshot{
		UID: pod.UID, Namespace: pod.Namespace, Name: pod.Name, ResourceVersion: pod.ResourceVersion,
		labels: observe.ShownLabels(pod.Labels), CreatedAt: pod.CreationTimestamp.Time,
	}
	s.addresses = observe.ShownAddresses(pod)
	if len(s.addresses) == 0 && pod.Status.PodIP != "" {
		s.addresses = []string{pod.Status.PodIP}
	}
	if pod.DeletionTimestamp != nil {
		s.DeletedAt = pod.DeletionTimestamp.Time
	}
	return s
}

// SnapshotOfRecord is a pod that is gone, as its instance remembers it. The
// instance's version stands for the pod's: it was written after all that was published
// of the pod, so the order within the source holds.
func SnapshotOfRecord(i *xosv1.KubernetesServiceInstance, uid types.UID) PodSnapshot {
	s := PodSnapshot{UID: uid, Namespace: record.PodName(i).Namespace, Name: i.Name, ResourceVersion: i.ResourceVersion}
	if i.Status.PodUID == uid {
		s.labels, s.addresses = i.Status.Labels, i.Status.PodIPs
	}
	return s
}

// Fingerprint identifies what the body shows of a pod, its status aside: only a
// change of that is worth an event.
func (s PodSnapshot) Fingerprint() string {
	value, err := json.Marshal(s.body(""))
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	sum := sha256.Sum256(value)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
