package cases

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const (
	instance = "KubernetesServiceInstance"
	mirror   = "mirror.example.internal/"
)

func TestCase15TrustDomainStuckTerminating(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "15-trust-domain-stuck-terminating")
	p.domain()
	p.apply("10-held.yaml")
	domain := ours("TrustDomain", "", p.namespace)
	p.remove(t.Context(), domain)
	p.unready("TrustDomain", p.namespace, xosv1.ReasonTerminating, p.namespace, "example.org/bucket-cleanup")
	_, err := p.kube.CoreV1().ConfigMaps(p.namespace).Patch(t.Context(), "held", types.JSONPatchType,
		[]byte(`[{"op":"remove","path":"/metadata/finalizers"}]`), metav1.PatchOptions{})
	require.NoError(t, err)
	p.gone(domain)
	p.gone(named("v1", "Namespace", "", p.namespace))
}

func TestCase19ImageRewrittenAtAdmission(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "19-image-rewritten-at-admission")
	p.domain()
	p.apply("05-policy.yaml")
	pods := p.kube.CoreV1().Pods(p.namespace)
	p.until("new pods come from the mirror", func(ctx context.Context) error {
		probe := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "probe"},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "x"}}},
		}
		tried, err := pods.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil && tried.Spec.Containers[0].Image != mirror+"x" {
			err = fmt.Errorf("the image is %s", tried.Spec.Containers[0].Image)
		}
		return err
	})
	p.apply("10-instance.yaml")
	p.ready(instance, "shell")
	p.ready("Slice", "web")
	mirrored := func() {
		t.Helper()
		found, err := p.pods(t.Context())
		require.NoError(t, err)
		require.Len(t, found, 2)
		for name, pod := range found {
			require.Contains(t, pod.Spec.Containers[0].Image, mirror+"registry.k8s.io/pause:", name)
		}
	}
	looked := func(at string) {
		t.Helper()
		_, err := pods.Patch(t.Context(), "shell", types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"labels":{"looked":%q}}}`, at), metav1.PatchOptions{})
		require.NoError(t, err)
		p.quiet(p.this("pods", "shell"))
	}
	shell := func() *corev1.Pod {
		t.Helper()
		pod, err := pods.Get(t.Context(), "shell", metav1.GetOptions{})
		require.NoError(t, err)
		return pod
	}
	mirrored()
	made := shell().UID
	looked("at")
	mirrored()

	p.apply("20-next-image.yaml")
	p.ready(instance, "shell")
	next := shell()
	require.Equal(t, made, next.UID, "the pod is the same")
	// Without the mirror: the policy speaks of new pods, and this one is not new.
	require.Equal(t, "registry.k8s.io/pause:3.9", next.Spec.Containers[0].Image)

	p.apply("25-policy-on-update-too.yaml")
	p.until("changed pods come from the mirror", func(ctx context.Context) error {
		tried, err := pods.Patch(ctx, "shell", types.MergePatchType, []byte(`{"metadata":{"labels":{"probe":"x"}}}`),
			metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil && !strings.HasPrefix(tried.Spec.Containers[0].Image, mirror) {
			err = fmt.Errorf("the image is %s", tried.Spec.Containers[0].Image)
		}
		return err
	})
	p.remove(t.Context(), named("v1", "Pod", p.namespace, "shell"))
	p.until("there is another pod", func(ctx context.Context) error {
		pod, err := pods.Get(ctx, "shell", metav1.GetOptions{})
		if err == nil && pod.UID == made {
			err = fmt.Errorf("it is the same")
		}
		return err
	})
	p.ready(instance, "shell")
	mirrored()
	made = shell().UID
	looked("again")
	mirrored()
	require.Equal(t, made, shell().UID)
}

func TestCase20PausedRollout(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "20-paused-rollout")
	p.domain()
	p.apply("10-slice.yaml")
	p.ready("Slice", "web")
	deployments := p.kube.AppsV1().Deployments(p.namespace)
	pause := func(value string) {
		_, err := deployments.Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(`{"spec":{"paused":`+value+`}}`), metav1.PatchOptions{FieldManager: "kubectl-rollout"})
		require.NoError(t, err)
	}
	pause("true")
	p.quiet(p.this("deployments", "web"))
	p.ready("Slice", "web")

	p.apply("20-next-image.yaml")
	p.unready("Slice", "web", "", "paused")
	p.quiet(p.this("deployments", "web"))
	paused, err := deployments.Get(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.True(t, paused.Spec.Paused, "nobody else resumes it")
	pause("null")
	p.ready("Slice", "web")
	found, err := p.pods(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 2)
	for name, pod := range found {
		require.Equal(t, "registry.k8s.io/pause:3.10", pod.Spec.Containers[0].Image, name)
	}
}

func TestCase21StatefulSetForcedRollback(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "21-statefulset-forced-rollback")
	p.domain()
	p.apply("10-mistake.yaml")
	p.unready("Slice", "db", "", "Unschedulable")
	p.apply("20-corrected.yaml")
	found := p.becomes("Slice", "db", func(s *seen) bool {
		c := s.is(xosv1.ConditionReady)
		return c.Status == metav1.ConditionTrue || (strings.Contains(c.Message, "db-0") && strings.Contains(c.Message, "delete"))
	})
	if c := found.is(xosv1.ConditionReady); c.Status == metav1.ConditionFalse {
		require.NotContains(t, c.Message, "Unschedulable", "the text is right now")
		p.remove(t.Context(), named("v1", "Pod", p.namespace, "db-0"))
		p.ready("Slice", "db")
	}
	pods, err := p.pods(t.Context())
	require.NoError(t, err)
	require.Len(t, pods, 2)
}
