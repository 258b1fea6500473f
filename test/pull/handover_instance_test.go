package pull_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

func TestABarePodIsTakenOverAndHandedBackWithoutARestart(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	before := w.pod("alone", image, "sidecar:1")
	pulled := w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if err := is(i, xosv1.ReasonInventoried); err != nil {
			return err
		}
		return running(i)
	})
	hand := func(managed bool) {
		_, err := w.instances().Patch(t.Context(), "alone", types.MergePatchType, fmt.Appendf(nil, `{"spec":{"xosManaged":%t}}`, managed), metav1.PatchOptions{})
		require.NoError(t, err)
	}
	pod := func() *corev1.Pod {
		pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(t.Context(), "alone", metav1.GetOptions{})
		require.NoError(t, err)
		return pod
	}
	hand(true)
	w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonSucceeded) })
	taken := pod()
	assert.Equal(t, before.UID, taken.UID)
	assert.Equal(t, before.Generation, taken.Generation)
	assert.Equal(t, "true", taken.Annotations[xosv1.AdoptedAnnotation])

	hand(false)
	back := w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonInventoried) })
	assert.Equal(t, pulled.UID, back.UID)
	w.eventually(func(context.Context) error {
		if p := pod(); p.Labels[xosv1.ManagedByLabel] != "" || !maps.Equal(p.Annotations, adoptable()) {
			return fmt.Errorf("labels %v, annotations %v", p.Labels, p.Annotations)
		}
		return nil
	})
	assert.Equal(t, before.UID, pod().UID)

	// Taken over again and given another image, it gets a pod that runs it.
	hand(true)
	w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonSucceeded) })
	_, err := w.instances().Patch(t.Context(), "alone", types.MergePatchType, []byte(`{"spec":{"image":null,"imageReference":"other:2"}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.PodUID == before.UID || i.Status.PodUID == "" {
			return fmt.Errorf("pod %s", i.Status.PodUID)
		}
		return is(i, xosv1.ReasonSucceeded)
	})
	assert.Equal(t, "other:2", pod().Spec.Containers[0].Image)
}
