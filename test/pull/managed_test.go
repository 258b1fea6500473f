package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

// managed creates an instance as a user does; no controller runs here to
// materialize it, which podOf plays.
func (w *env) managed(name string) *xosv1.KubernetesServiceInstance {
	w.Helper()
	i, err := w.instances().Create(w.Context(), &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       xosv1.KubernetesServiceInstanceSpec{ImageReference: "nginx:1.29"},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return i
}

func (w *env) podOf(i *xosv1.KubernetesServiceInstance) *corev1.Pod {
	w.Helper()
	pod, err := w.kubernetes.CoreV1().Pods(i.Namespace).Create(w.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: i.Name, Labels: map[string]string{"xos_service": "demo"}, Annotations: map[string]string{
			xosv1.OwnerAnnotation: fmt.Sprintf("KubernetesServiceInstance/%s/%s/%s/Pod/%s/%s", i.Namespace, i.Name, i.UID, i.Namespace, i.Name),
		}},
		Spec: podSpec("nginx:1.29"),
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return pod
}

func (w *env) podGone(name string) {
	w.Helper()
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

func TestAManagedPodThatIsReplacedEndsAndBegins(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	i := w.managed("mine")
	first := w.podOf(i)
	b.statuses(first.UID, "created")
	w.deletePod("mine")
	w.podGone("mine")
	second := w.podOf(i)
	b.statuses(first.UID, "created", "deleted")
	b.statuses(second.UID, "created")

	after := w.instance("mine", anything)
	assert.Equal(t, i.ResourceVersion, after.ResourceVersion, "nothing was written to it: all is its controller's")
	assert.Empty(t, after.Status.PodUID)
	assert.Empty(t, after.Finalizers)
	assert.NotContains(t, after.Labels, xosv1.PulledLabel)
	events, err := b.events(t.Context())
	require.NoError(t, err)
	for _, e := range events {
		assert.Equal(t, "demo", e.Labels["xos_service"], "%s carries the labels", e.Headers["ce_id"])
	}
}

func TestAManagedInstancesDeletionIsPublished(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	i := w.managed("mine")
	pod := w.podOf(i)
	b.statuses(pod.UID, "created")
	require.NoError(t, w.instances().Delete(t.Context(), "mine", metav1.DeleteOptions{}))
	w.deletePod("mine")
	b.statuses(pod.UID, "created", "deleted")
}

func TestAManagedPodsDeletionIsPublishedAfterARestart(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	before := w.start(pull.Options{Log: b.log()})
	pod := w.podOf(w.managed("mine"))
	b.statuses(pod.UID, "created")
	before.Stop()
	w.deletePod("mine")
	w.podGone("mine")
	w.start(pull.Options{Log: b.log()})
	b.statuses(pod.UID, "created", "deleted")
}

func TestAPodWhoseNameIsTakenIsAnnouncedWithoutARecord(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	i := w.managed("taken")
	pod := w.pod("taken", image)
	w.pod("free", image)
	w.instance("free", b.told)
	after := w.instance("taken", anything)
	assert.Equal(t, i.ResourceVersion, after.ResourceVersion, "nothing was written to it")
	b.statuses(pod.UID, "created") // whoever takes a name hides no pod by that
}
