package pull_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// earlier makes a record as earlier versions did, with their finalizer.
func (w *env) earlier(name string, managed bool) {
	w.Helper()
	i := &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{xosv1.PulledLabel: "true"}, Finalizers: []string{xosv1.DeliveryFinalizer}},
		Spec:       xosv1.KubernetesServiceInstanceSpec{ImageReference: image, Lifecycle: xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: &managed}}},
	}
	_, err := w.instances().Create(w.Context(), i, metav1.CreateOptions{FieldManager: "xos-controller-manager"})
	require.NoError(w, err)
}

func unheld(i *xosv1.KubernetesServiceInstance) error {
	if len(i.Finalizers) > 0 {
		return fmt.Errorf("finalizers %v", i.Finalizers)
	}
	return nil
}

func TestADisabledPullOnlyReleases(t *testing.T) {
	w := newEnv(t)
	w.off = true
	b := w.newBroker()
	pod := w.pod("web", image)
	w.pod("bare", image)
	w.earlier("web", false)
	w.earlier("gone", false)
	m := w.start(pull.Options{Log: b.log()})
	w.instance("web", unheld)
	w.instance("gone", unheld)
	w.off = false
	for _, r := range m.Since(0).Writes() {
		if !strings.HasPrefix(r.Namespace, "kube-") {
			assert.Contains(t, []string{"patch kubernetesserviceinstances web", "patch kubernetesserviceinstances gone"}, r.String(), "nothing else was written")
			assert.Equal(t, w.namespace, r.Namespace, r)
		}
	}
	b.statuses(pod.UID)

	w.setPull(w.selection())
	w.instance("bare", b.told)
	w.instance("web", b.told)
	w.instanceGone("gone")
	b.statuses(pod.UID, "created")
}

func TestAManagedInstanceIsNotHeldByAnEarlierFinalizer(t *testing.T) {
	w := newEnv(t)
	w.earlier("mine", true)
	w.start(pull.Options{})
	w.instance("mine", unheld)
}

// TestANamespaceIsNotHeldForKafka has Kafka come back after the namespace is gone: its
// pod's events were kept in memory.
func TestANamespaceIsNotHeldForKafka(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	address := b.ListenAddrs()[0]
	b.Close()
	w.start(pull.Options{Log: w.logAt(address)})
	pod := w.pod("web", image)
	w.instance("web", running)
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
	b = w.brokerAt(address)
	b.statuses(pod.UID, "created", "deleted")
}

// TestARecordThatGoesBeforeKafkaKnowsIsRemembered deletes the record of a pod whose
// end no client saw.
func TestARecordThatGoesBeforeKafkaKnowsIsRemembered(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	before := w.start(pull.Options{Log: b.log()})
	pod := w.pod("web", image)
	w.instance("web", b.told)
	before.Stop()
	w.deletePod("web")
	w.podGone("web")
	address := b.ListenAddrs()[0]
	b.Close()
	w.start(pull.Options{Log: w.logAt(address)})
	w.pod("fence", image)
	w.instance("fence", running)
	require.NoError(t, w.instances().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.instanceGone("web")
	b = w.brokerAt(address)
	b.statuses(pod.UID, "created", "deleted") // that Kafka was told nothing
	events, err := b.events(t.Context())
	require.NoError(t, err)
	for _, e := range events {
		if e.Headers["ce_id"] == string(pod.UID)+".deleted" {
			assert.Equal(t, "demo", e.Labels["xos_service"], "the end carries the labels")
		}
	}
}

// TestANamespaceThatGoesWhileKafkaIsAwayIsReportedLater has the manager know of the
// pod by nothing that is in the namespace.
func TestANamespaceThatGoesWhileKafkaIsAwayIsReportedLater(t *testing.T) {
	w := newEnv(t)
	kept := w.in(plane.Namespace(t, w.plane))
	w.selectOnly(kept.namespace) // which lets the manager write there
	b := w.newBroker()
	address := b.ListenAddrs()[0]
	b.Close()
	first := w.start(pull.Options{Log: w.logAt(address), Namespace: kept.namespace})
	pod := w.pod("web", image)
	w.instance("web", running)
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
	name := "pending-event-" + string(pod.UID)
	w.eventually(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().ConfigMaps(kept.namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
	first.Stop()
	b = w.brokerAt(address)
	kept.start(pull.Options{Log: w.logAt(address), Namespace: kept.namespace})
	b.statuses(pod.UID, "created", "deleted")
	w.gone(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().ConfigMaps(kept.namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

// TestWhatTheFirstBuildAnnouncedIsNotAnnouncedAgain begins with a topic of details that has
// the pod's "created", as status.delivery says, and an empty inventory.
func TestWhatTheFirstBuildAnnouncedIsNotAnnouncedAgain(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	pod := w.pod("web", image)
	gone := w.pod("gone", image)
	for _, p := range []*corev1.Pod{pod, gone} {
		w.earlier(p.Name, false)
		status := fmt.Appendf(nil, `{"status":{"podUID":%q,"delivery":{"uid":%q,"announced":true,"status":"created"}}}`, p.UID, p.UID)
		_, err := w.instances().Patch(t.Context(), p.Name, types.MergePatchType, status, metav1.PatchOptions{}, "status")
		require.NoError(t, err)
	}
	w.deletePod("gone")
	w.podGone("gone")
	w.start(pull.Options{Log: b.log()})
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.Delivery != nil || len(i.Finalizers) > 0 {
			return fmt.Errorf("delivery %v, finalizers %v", i.Status.Delivery, i.Finalizers)
		}
		return running(i)
	})
	w.instanceGone("gone")
	b.statuses(gone.UID, "deleted")
	b.statuses(pod.UID)
	w.deletePod("web")
	w.instanceGone("web")
	b.statuses(pod.UID, "deleted")
}
