package observe

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestTheLabelsOfAPodAreShownUpToABudget(t *testing.T) {
	few := map[string]string{"app": "web", "xos_service": "demo"}
	assert.Equal(t, few, ShownLabels(few))
	assert.Nil(t, ShownLabels(nil))

	const value = 60
	many := map[string]string{"zzz": "last", "xos_service": "demo", "xos.opencord.org/slice": "web"}
	for i := range 2000 {
		many[fmt.Sprintf("k%04d", i)] = strings.Repeat("v", value)
	}
	shown := ShownLabels(many)
	size := 0
	for key, value := range shown {
		size += len(key) + len(value)
	}
	assert.LessOrEqual(t, size, maxLabelBytes)
	assert.Greater(t, size, maxLabelBytes-2*value, "what fits is shown")
	assert.Equal(t, "demo", shown["xos_service"])
	assert.Equal(t, "web", shown["xos.opencord.org/slice"])
	assert.Contains(t, shown, "k0000")
	assert.NotContains(t, shown, "zzz")
	assert.Equal(t, shown, ShownLabels(many), "the same each time")

	short := map[string]string{}
	for i := range 6000 {
		short[fmt.Sprintf("k%d", i)] = ""
	}
	assert.Len(t, ShownLabels(short), maxLabels)
}

func TestAPodOfThousandsOfContainersIsShownUpToTheAPIsBounds(t *testing.T) {
	pod := &corev1.Pod{}
	for i := range 2000 {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: fmt.Sprint(i)})
		pod.Status.PodIPs = append(pod.Status.PodIPs, corev1.PodIP{IP: fmt.Sprint(i)})
	}
	assert.Len(t, containers(pod), maxContainers)
	assert.Len(t, ShownAddresses(pod), maxAddresses)
}

// TestAStatusFitsTheAPIServer has a pod whose images are as large as the API server takes them, of
// characters that JSON escapes.
func TestAStatusFitsTheAPIServer(t *testing.T) {
	const request = 1 << 20
	for _, count := range []int{1, 100, maxContainers} {
		pod := &corev1.Pod{}
		for i := range count {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{
				Name: fmt.Sprintf("%063d", i), Image: strings.Repeat("\u0001", request/count),
			})
		}
		encoded, err := json.Marshal(containers(pod))
		require.NoError(t, err)
		assert.Less(t, len(encoded), request, "%d containers", count)
	}
	usual := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example.com/web:1"}}}}
	assert.Equal(t, "example.com/web:1", containers(usual)[0].Image)
}
