package event

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// TestEventsAreSentAsTheOriginalSentThem shows each message to the byte.
func TestEventsAreSentAsTheOriginalSentThem(t *testing.T) {
	golden.Cases(t, "testdata", ".txt", func(t *testing.T, input []byte) []byte {
		t.Helper()
		var in struct {
			Pod   corev1.Pod
			Ended bool
			// Told is the pod as Kafka was told of it; nil where it was not.
			Told *corev1.Pod
			// Instance is what stands for the pod; nil where there is none yet.
			Instance *xosv1.KubernetesServiceInstance
		}
		require.NoError(t, yaml.UnmarshalStrict(input, &in))
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		told := Told{}
		if in.Told != nil {
			told = ToldOf(OfPod(in.Told, in.Instance))
		}
		messages, _, err := Pending(told, OfPod(&in.Pod, in.Instance), in.Ended, "cluster-uid", now)
		require.NoError(t, err)
		var out bytes.Buffer
		for _, m := range messages {
			write(t, &out, m)
		}
		return out.Bytes()
	})
}

func FuzzMessage(f *testing.F) {
	f.Add("web")
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, name string) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "n", UID: "u"}}
		e := OfPod(pod, nil)
		if m, err := e.DetailsMessage("created", "c", pod.CreationTimestamp.Time); err != nil || m.Key != name {
			t.Errorf("message %v: %v", m, err)
		}
	})
}
