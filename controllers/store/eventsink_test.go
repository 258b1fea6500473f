package store

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestAnEventForANamespaceThatEndsIsNoFailure(t *testing.T) {
	events := eventsv1.Resource("events")
	terminating := apierrors.NewForbidden(events, "e", errors.New("namespace shop is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	forbidden := apierrors.NewForbidden(events, "e", errors.New("no rights"))
	for sentence, test := range map[string]struct{ answer, want error }{
		"taken":                       {nil, nil},
		"the namespace ends":          {terminating, nil},
		"the namespace is gone":       {apierrors.NewNotFound(corev1.Resource("namespaces"), "shop"), nil},
		"there are no rights":         {forbidden, forbidden},
		"the server can't be reached": {errors.New("connection refused"), errors.New("connection refused")},
	} {
		t.Run(sentence, func(t *testing.T) {
			client := fake.NewClientset()
			client.PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) { return true, &eventsv1.Event{}, test.answer })
			_, err := NewEventSink(client.EventsV1()).Create(t.Context(), &eventsv1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "e"}})
			assert.Equal(t, test.want, err)
		})
	}
}
