package compact

import (
	"maps"
	"slices"
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// own is what each object has to itself.
type own struct {
	name, resourceVersion string
	uid                   uid
	// created is in seconds, as in all encodings of an object; 0 where it is not set.
	created int64
	node    unique.Handle[string]
	podIP   string
	// labels are the pod's. The pods of a StatefulSet differ in nothing else, and a record shows the
	// same ones as its pod.
	labels *labelSet
	// onlyIP is true where the list of a pod's addresses holds that one alone.
	onlyIP bool
}

// labelSet is a set of labels that objects share.
type labelSet struct{ all map[string]string }

var labelSets shapes[labelSet]

// shareLabels returns the set of these labels that all objects share.
func shareLabels(labels map[string]string) *labelSet {
	if labels == nil {
		return nil
	}
	var encoded []byte
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		encoded = append(append(append(append(encoded, key...), 0), labels[key]...), 0) // no label may have that
	}
	return labelSets.share(encoded, &labelSet{labels})
}

func (l *labelSet) shared() map[string]string {
	if l == nil {
		return nil
	}
	return l.all
}

// takeMetadata moves what an object has to itself out of its metadata.
func (o *own) takeMetadata(m *metav1.ObjectMeta) {
	o.name, o.resourceVersion, o.uid, o.created = m.Name, m.ResourceVersion, packUID(m.UID), seconds(m.CreationTimestamp)
	m.Name, m.ResourceVersion, m.UID, m.CreationTimestamp = "", "", "", metav1.Time{}
}

// putMetadata is the reverse of takeMetadata.
func (o *own) putMetadata(m *metav1.ObjectMeta) {
	m.Name, m.ResourceVersion, m.UID, m.CreationTimestamp = o.name, o.resourceVersion, o.uid.unpack(), at(o.created)
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
