package controllers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

func TestAPodIsReplacedWhereItCanNotBecomeWhatIsWanted(t *testing.T) {
	const fixed, images = "fixed", "images"
	hashes := func(fixed, images string) map[string]string {
		return map[string]string{xosv1.FixedAnnotation: fixed, xosv1.MutableAnnotation: images}
	}
	want := corev1ac.Pod("web", "shop").WithAnnotations(hashes(fixed, images))
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	live := func(had map[string]string, age time.Duration, phase corev1.PodPhase) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Annotations: had, CreationTimestamp: metav1.NewTime(now.Add(-age))},
			Spec:       corev1.PodSpec{RestartPolicy: corev1.RestartPolicyAlways, Containers: []corev1.Container{{Name: "web"}}},
			Status:     corev1.PodStatus{Phase: phase},
		}
	}
	for sentence, test := range map[string]struct {
		policy  xosv1.UpdatePolicy
		live    *corev1.Pod
		applied bool
		want    reconciler.Change
	}{
		"one that is as it should be is patched":        {"", live(hashes(fixed, images), time.Hour, corev1.PodRunning), false, reconciler.Patch},
		"one with another image too":                    {"", live(hashes(fixed, "old"), time.Hour, corev1.PodRunning), false, reconciler.Patch},
		"unless it is to be made again":                 {xosv1.UpdatePolicyRecreate, live(hashes(fixed, "old"), time.Hour, corev1.PodRunning), false, reconciler.Replace},
		"or left alone":                                 {xosv1.UpdatePolicyNever, live(hashes(fixed, "old"), time.Hour, corev1.PodRunning), false, reconciler.Keep},
		"what can't be changed makes it anew":           {"", live(hashes("old", images), time.Hour, corev1.PodRunning), false, reconciler.Replace},
		"one that was lost comes back":                  {xosv1.UpdatePolicyNever, live(hashes(fixed, images), time.Hour, corev1.PodFailed), false, reconciler.Replace},
		"but not at once where it went at once":         {"", live(hashes(fixed, images), minPodAge-time.Second, corev1.PodFailed), false, reconciler.Keep},
		"and then it does, by the time it has lived":    {"", live(hashes(fixed, images), minPodAge, corev1.PodFailed), false, reconciler.Replace},
		"overwritten annotations are restored":          {"", live(hashes("other", "other"), time.Hour, corev1.PodRunning), true, reconciler.Patch},
		"whatever the policy":                           {xosv1.UpdatePolicyRecreate, live(hashes("other", "other"), time.Hour, corev1.PodRunning), true, reconciler.Patch},
		"but one that was lost comes back all the same": {"", live(hashes("other", images), time.Hour, corev1.PodFailed), true, reconciler.Replace},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, podChange(test.policy, test.live, want, test.applied, now))
		})
	}
}
