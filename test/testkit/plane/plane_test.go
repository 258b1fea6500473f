package plane

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
)

// waitTimeout bounds each wait; a loaded machine may need much of it.
const waitTimeout = time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(Main(m, Options{Nodes: 2, Kafka: true, AuditLog: true}))
}

// childEnv makes this test program start a plane and wait to be killed.
const childEnv = "XOS_PLANE_TEST_CHILD"

// child stands in for a test program that never gets to stop its plane.
func child() int {
	p, err := launch.Start(context.Background(), Options{}, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, p.Pid(), p.Dir)
	_, _ = io.Copy(io.Discard, os.Stdin) // Until the parent ends.
	return 0
}

func clientOf(t *testing.T, p *Plane) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(p.Config())
	require.NoError(t, err)
	return client
}

func podSpec() corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example.com/none"}}}
}

func TestAPodBecomesReadyAndHasAnAddress(t *testing.T) {
	p := Shared(t)
	pods := clientOf(t, p).CoreV1().Pods(Namespace(t, p))
	_, err := pods.Create(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "one"}, Spec: podSpec()}, metav1.CreateOptions{})
	require.NoError(t, err)
	Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		pod, err := pods.Get(ctx, "one", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return pod.Status.PodIP != "", "no address"
			}
		}
		return false, "not Ready: phase " + string(pod.Status.Phase)
	})
	require.NoError(t, pods.Delete(t.Context(), "one", metav1.DeleteOptions{}))
	Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		_, err := pods.Get(ctx, "one", metav1.GetOptions{})
		return apierrors.IsNotFound(err), "the deleted pod is still there"
	})
}

func TestWhatADeletedDeploymentOwnedIsCollected(t *testing.T) {
	p := Shared(t)
	client, namespace := clientOf(t, p), Namespace(t, p)
	labels := map[string]string{"app": "web"}
	replicas := int32(2)
	_, err := client.AppsV1().Deployments(namespace).Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec()},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		web, err := client.AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return web.Status.AvailableReplicas == replicas, fmt.Sprintf("%d replicas are available", web.Status.AvailableReplicas)
	})

	require.NoError(t, client.AppsV1().Deployments(namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}))
	Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		sets, err := client.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		return len(sets.Items)+len(pods.Items) == 0,
			fmt.Sprintf("%d replica sets and %d pods are left", len(sets.Items), len(pods.Items))
	})
}
