package cluster

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// refusalsOnly limits a list or watch of Events to those by which native
// controllers tell that they could not make a pod or a job. A cluster has few of
// them, and a great many others.
func refusalsOnly(o *metav1.ListOptions) {
	o.FieldSelector = fields.Set{"reason": "FailedCreate", "type": corev1.EventTypeWarning}.String()
}

// trimRefusal is the transform of those Events: it keeps what they are about,
// what they say, and when they last said so, as LastTimestamp.
func trimRefusal(object any) (any, error) {
	e, ok := object.(*corev1.Event)
	if !ok {
		return object, nil
	}
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: e.Name, UID: e.UID, ResourceVersion: e.ResourceVersion},
		InvolvedObject: corev1.ObjectReference{
			Kind: e.InvolvedObject.Kind, Namespace: e.InvolvedObject.Namespace, Name: e.InvolvedObject.Name, UID: e.InvolvedObject.UID,
		},
		Message: e.Message, LastTimestamp: lastSeen(e),
	}, nil
}

// lastSeen is when an Event last happened. Which field has it depends on the API
// that it was recorded through.
func lastSeen(e *corev1.Event) metav1.Time {
	last := e.LastTimestamp
	if other := (metav1.Time{Time: e.EventTime.Time}); last.Before(&other) {
		last = other
	}
	if e.Series != nil {
		if other := (metav1.Time{Time: e.Series.LastObservedTime.Time}); last.Before(&other) {
			last = other
		}
	}
	return last
}
