package example

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// old is the namespace of what the original XOS has left behind.
const old = "original-trust"

// TestAPodOfTheOriginalIsHandedOver takes over a namespace and a pod by the commands of
// docs/migration-from-xos.md. The pod runs on.
func TestAPodOfTheOriginalIsHandedOver(t *testing.T) {
	s := newEnv(t)
	pod := s.leaveBehind()
	domains, instances := s.xos.XosV1().TrustDomains(), s.xos.XosV1().KubernetesServiceInstances(old)
	testkit.Await(s, domains.Get, old, func(d *xosv1.TrustDomain) bool { return reason(d.Status.Conditions) == xosv1.ReasonInventoried })
	testkit.Await(s, instances.Get, pod.Name, func(i *xosv1.KubernetesServiceInstance) bool {
		return reason(i.Status.Conditions) == xosv1.ReasonInventoried && i.Status.Ready
	})

	page := s.page("docs/migration-from-xos.md")
	patch := func(kind string) []byte {
		found := regexp.MustCompile(`kubectl patch ` + kind + ` \S+ (?:-n \S+ )?--type merge -p '(.*)'`).FindStringSubmatch(page)
		require.NotNil(s, found, kind)
		return []byte(found[1])
	}
	_, err := domains.Patch(t.Context(), old, types.MergePatchType, patch("td"), metav1.PatchOptions{})
	require.NoError(t, err)
	testkit.Await(s, domains.Get, old, func(d *xosv1.TrustDomain) bool { return reason(d.Status.Conditions) == xosv1.ReasonSucceeded })

	consent := regexp.MustCompile(`kubectl annotate pod \S+ -n \S+ (\S+)=true`).FindStringSubmatch(page)
	require.NotNil(t, consent)
	_, err = s.kube.CoreV1().Pods(old).Patch(t.Context(), pod.Name, types.MergePatchType,
		[]byte(`{"metadata":{"annotations":{"`+consent[1]+`":"true"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	_, err = instances.Patch(t.Context(), pod.Name, types.MergePatchType, patch("ksi"), metav1.PatchOptions{})
	require.NoError(t, err)
	testkit.Await(s, instances.Get, pod.Name, func(i *xosv1.KubernetesServiceInstance) bool {
		return reason(i.Status.Conditions) == xosv1.ReasonSucceeded
	})
	require.Equal(t, pod.UID, testkit.Must(s, s.kube.CoreV1().Pods(old).Get, pod.Name).UID)
}

// leaveBehind makes a namespace and a pod without a controller, as the original made them.
func (s *env) leaveBehind() *corev1.Pod {
	s.Helper()
	_, err := s.kube.CoreV1().Namespaces().Create(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: old}}, metav1.CreateOptions{})
	require.NoError(s, err)
	s.Cleanup(func() { _ = s.kube.CoreV1().Namespaces().Delete(context.Background(), old, metav1.DeleteOptions{}) })
	testkit.Await(s, s.kube.CoreV1().ServiceAccounts(old).Get, "default", nil)
	pod, err := s.kube.CoreV1().Pods(old).Create(s.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "demo-pod"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "demo-pod", Image: "registry.k8s.io/pause:3.10"}}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	return pod
}

func reason(conditions []metav1.Condition) string {
	if ready := meta.FindStatusCondition(conditions, xosv1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

// page is a document's text.
func (s *env) page(path string) string {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(s, err)
	return string(text)
}
