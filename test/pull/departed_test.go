package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
)

// domain makes a trust domain that admits resources from everywhere, and whose
// namespace the pull selects.
func (w *env) domain(name string) *env {
	w.Helper()
	_, err := w.xos.TrustDomains().Create(w.Context(), &xosv1.TrustDomain{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: xosv1.TrustDomainSpec{
			Labels: map[string]string{w.label(): "true"}, AllowedNamespaces: &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromAll},
		},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	w.Cleanup(func() { _ = w.xos.TrustDomains().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	w.eventually(func(ctx context.Context) error {
		d, err := w.xos.TrustDomains().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		return is(d, xosv1.ReasonSucceeded)
	})
	return w.in(name)
}

// shell makes a managed instance whose pod goes into a trust domain.
func (b *broker) shell(w *env, domain string) *xosv1.KubernetesServiceInstance {
	w.Helper()
	_, err := w.xos.Slices(w.namespace).Create(w.Context(), &xosv1.Slice{
		ObjectMeta: metav1.ObjectMeta{Name: "tools"}, Spec: xosv1.SliceSpec{TrustDomain: domain},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	_, err = w.instances().Create(w.Context(), &xosv1.KubernetesServiceInstance{
		ObjectMeta: metav1.ObjectMeta{Name: "shell", Labels: map[string]string{"xos_service": "demo"}},
		Spec:       xosv1.KubernetesServiceInstanceSpec{Slice: "tools", ImageReference: "nginx:1.29"},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return w.instance("shell", func(i *xosv1.KubernetesServiceInstance) error {
		if err := is(i, xosv1.ReasonSucceeded); err != nil {
			return err
		}
		return b.told(i)
	})
}

// records lists the requests that made a record of an instance.
func records(m *inprocess.Manager) []string {
	return m.Since(0).Of("create", "kubernetesserviceinstances").Lines()
}

func TestAManagedPodsDeletionIsPublishedOnceWithoutItsInstance(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	m := w.startWhole(pull.Options{Log: b.log()})
	w.domain(w.namespace + "-d")
	i := b.shell(w, w.namespace+"-d")
	require.NoError(t, w.instances().Delete(t.Context(), "shell", metav1.DeleteOptions{}))
	w.instanceGone("shell")
	b.statuses(i.Status.PodUID, "created", "deleted")
	events, err := b.events(t.Context())
	require.NoError(t, err)
	last := events[len(events)-1]
	assert.Equal(t, "deleted", last.Status)
	assert.Equal(t, "tools", last.Labels[xosv1.SliceLabel])
	assert.Empty(t, records(m), "its pod was never taken for another's")
}

func TestAPodThatAnotherNamespaceLetGoIsRecordedInItsOwn(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.startWhole(pull.Options{Log: b.log()})
	domain := w.domain(w.namespace + "-d")
	i := b.shell(w, w.namespace+"-d")
	_, err := w.instances().Patch(t.Context(), "shell", types.MergePatchType, []byte(`{"spec":{"xosManaged":false}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	record := domain.instance("shell", b.told)
	assert.Equal(t, i.Status.PodUID, record.Status.PodUID)
	w.instance("shell", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.PodUID != "" {
			return fmt.Errorf("pod %s", i.Status.PodUID)
		}
		return nil
	})
	b.statuses(i.Status.PodUID, "created")
	require.NoError(t, w.instances().Delete(t.Context(), "shell", metav1.DeleteOptions{}))
	w.instanceGone("shell")
	domain.deletePod("shell")
	domain.instanceGone("shell")
	b.statuses(i.Status.PodUID, "created", "deleted")
}

func TestAnInstanceThatWasHandedOverEndsThoughItsPodLives(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.startWhole(pull.Options{Log: b.log()})
	pod := w.pod("alone", image)
	w.instance("alone", b.told)
	_, err := w.instances().Patch(t.Context(), "alone", types.MergePatchType, []byte(`{"spec":{"xosManaged":true}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	// With or without the consent to take the pod over, it lets go of it.
	handed := w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Status.ObservedGeneration != i.Generation {
			return fmt.Errorf("observed %d", i.Status.ObservedGeneration)
		}
		return nil
	})
	require.NoError(t, w.instances().Delete(t.Context(), "alone", metav1.DeleteOptions{}))
	w.instance("alone", func(i *xosv1.KubernetesServiceInstance) error {
		if i.UID == handed.UID {
			return fmt.Errorf("it is there still, with finalizers %v", i.Finalizers)
		}
		return b.told(i)
	})
	live, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(t.Context(), "alone", metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, pod.UID, live.UID)
	assert.Equal(t, corev1.PodRunning, live.Status.Phase)
	b.statuses(pod.UID, "created")
}
