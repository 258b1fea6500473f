package compact

import (
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// own is what each object has to itself.
type own struct {
	name, resourceVersion string
	uid                   types.UID
	// created is in seconds, as in all encodings of an object; 0 where it is not set.
	created int64
	node    unique.Handle[string]
	podIP   string
	// onlyIP is true where the list of a pod's addresses holds that one alone.
	onlyIP bool
}

// takeMetadata moves what an object has to itself out of its metadata.
func (o *own) takeMetadata(m *metav1.ObjectMeta) {
	o.name, o.resourceVersion, o.uid, o.created = m.Name, m.ResourceVersion, m.UID, seconds(m.CreationTimestamp)
	m.Name, m.ResourceVersion, m.UID, m.CreationTimestamp = "", "", "", metav1.Time{}
}

// putMetadata is the reverse of takeMetadata.
func (o *own) putMetadata(m *metav1.ObjectMeta) {
	m.Name, m.ResourceVersion, m.UID, m.CreationTimestamp = o.name, o.resourceVersion, o.uid, at(o.created)
}

func seconds(t metav1.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func at(seconds int64) metav1.Time {
	if seconds == 0 {
		return metav1.Time{}
	}
	return metav1.NewTime(time.Unix(seconds, 0))
}
