package store

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	eventsclient "k8s.io/client-go/kubernetes/typed/events/v1"
	"k8s.io/client-go/tools/events"
)

// NewEventSink writes Events to the API server. One for a namespace that is being deleted,
// or is gone, has no reader: that it is refused is no failure, which client-go
// would log with the whole Event.
func NewEventSink(client eventsclient.EventsV1Interface) events.EventSink {
	return eventSink{&events.EventSinkImpl{Interface: client}}
}

type eventSink struct{ events.EventSink }

// Create implements events.EventSink.
func (s eventSink) Create(ctx context.Context, event *eventsv1.Event) (*eventsv1.Event, error) {
	created, err := s.EventSink.Create(ctx, event)
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || apierrors.IsNotFound(err) {
		return event, nil
	}
	return created, err
}
