package observe

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FailedCreate reduces an Event by which a native controller reports that it could not create a
// pod or a job to what is read of it: the involved object, the message, and the time of its last
// occurrence, as LastTimestamp.
func FailedCreate(e *corev1.Event) *corev1.Event {
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: e.Name, UID: e.UID, ResourceVersion: e.ResourceVersion},
		InvolvedObject: corev1.ObjectReference{
			Kind: e.InvolvedObject.Kind, Namespace: e.InvolvedObject.Namespace, Name: e.InvolvedObject.Name, UID: e.InvolvedObject.UID,
		},
		Message: e.Message, LastTimestamp: lastSeen(e),
	}
}

// lastSeen returns when an Event occurred last. The field that holds it depends on the API that
// recorded the Event.
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
