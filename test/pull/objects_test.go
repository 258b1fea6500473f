package pull_test

import (
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const image = "registry.example.org:5000/team/web:1.2"

func podSpec(images ...string) corev1.PodSpec {
	spec := corev1.PodSpec{TerminationGracePeriodSeconds: ptr.To[int64](1)}
	for i, image := range images {
		spec.Containers = append(spec.Containers, corev1.Container{Name: string(rune('a' + i)), Image: image})
	}
	return spec
}

func template(images ...string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       podSpec(images...),
	}
}

func selector() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
}

func (w *world) pod(name string, images ...string) *corev1.Pod {
	w.Helper()
	pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"xos_service": "demo"}},
		Spec:       podSpec(images...),
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return pod
}

func (w *world) deployment(replicas int32, images ...string) *appsv1.Deployment {
	w.Helper()
	d, err := w.kubernetes.AppsV1().Deployments(w.namespace).Create(w.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(), Template: template(images...)},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return d
}

func (w *world) statefulSet(name string) *appsv1.StatefulSet {
	w.Helper()
	s, err := w.kubernetes.AppsV1().StatefulSets(w.namespace).Create(w.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       appsv1.StatefulSetSpec{Replicas: ptr.To[int32](1), Selector: selector(), Template: template(image), ServiceName: name},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return s
}

func (w *world) deletePod(name string) {
	w.Helper()
	require.NoError(w, w.kubernetes.CoreV1().Pods(w.namespace).Delete(w.Context(), name, metav1.DeleteOptions{}))
}

func (w *world) patchPod(name, patch string) {
	w.Helper()
	_, err := w.kubernetes.CoreV1().Pods(w.namespace).Patch(w.Context(), name, "application/merge-patch+json", []byte(patch), metav1.PatchOptions{})
	require.NoError(w, err)
}
