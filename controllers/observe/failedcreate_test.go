package observe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAnEventLastHappenedAtItsLatestTime(t *testing.T) {
	early := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	late := early.Add(time.Minute)
	for sentence, event := range map[string]corev1.Event{
		"recorded through core/v1":                 {LastTimestamp: metav1.NewTime(late), EventTime: metav1.NewMicroTime(early)},
		"recorded through events.k8s.io, once":     {EventTime: metav1.NewMicroTime(late)},
		"recorded through events.k8s.io, a series": {EventTime: metav1.NewMicroTime(early), Series: &corev1.EventSeries{LastObservedTime: metav1.NewMicroTime(late)}},
	} {
		event.Message, event.Source.Host, event.InvolvedObject = "no", "node", corev1.ObjectReference{Kind: "Job", Name: "web", FieldPath: "spec"}
		read := FailedCreate(&event)
		assert.Equal(t, late, read.LastTimestamp.Time, sentence)
		assert.Equal(t, corev1.ObjectReference{Kind: "Job", Name: "web"}, read.InvolvedObject)
		assert.Equal(t, "no", read.Message)
		assert.Empty(t, read.Source, "which nobody reads")
	}
}
