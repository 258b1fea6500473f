package pull_test

import (
	"context"
	"encoding/json"
	"fmt"
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

// manifest is a TrustDomain as a user's file has it.
func (w *env) manifest(name, more string) []byte {
	return fmt.Appendf(nil, `{"apiVersion":"xos.opencord.org/v1","kind":"TrustDomain","metadata":{"name":%q},"spec":{"labels":{%q:"true"}%s}}`,
		name, w.label(), more)
}

// applyDomain applies a manifest as "kubectl apply --server-side" does.
func (w *env) applyDomain(name, more string) {
	w.Helper()
	_, err := w.xos.TrustDomains().Patch(w.Context(), name, types.ApplyPatchType, w.manifest(name, more), metav1.PatchOptions{FieldManager: "kubectl"})
	require.NoError(w, err)
}

// ApplyOver applies a manifest to an object as "kubectl apply" does.
func (w *env) applyOver(name, more string) {
	w.Helper()
	var change map[string]any
	require.NoError(w, json.Unmarshal(w.manifest(name, more), &change))
	change["metadata"] = map[string]any{"annotations": map[string]any{corev1.LastAppliedConfigAnnotation: string(w.manifest(name, more))}}
	patch, err := json.Marshal(change)
	require.NoError(w, err)
	_, err = w.xos.TrustDomains().Patch(w.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "kubectl-client-side-apply"})
	require.NoError(w, err)
}

// materialized waits until a trust domain is managed and has a namespace of its own,
// another one than before.
func (w *env) materialized(name string, before types.UID) types.UID {
	w.Helper()
	var found types.UID
	w.eventually(func(ctx context.Context) error {
		d, err := w.xos.TrustDomains().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if !xosv1.IsManaged(d) || d.Labels[xosv1.PulledLabel] != "" || d.Annotations[xosv1.MirrorsAnnotation] != "" {
			return fmt.Errorf("managed %t, labels %v, annotations %v", xosv1.IsManaged(d), d.Labels, d.Annotations)
		}
		if err := is(d, xosv1.ReasonSucceeded); err != nil {
			return err
		}
		namespace, err := w.kubernetes.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if namespace.UID == before || namespace.DeletionTimestamp != nil {
			return fmt.Errorf("namespace %s, ending %v", namespace.UID, namespace.DeletionTimestamp)
		}
		found = namespace.UID
		return nil
	})
	return found
}

// recorded waits until a pod of a namespace has its record.
func (w *env) recorded(pod string) {
	w.Helper()
	w.eventually(func(ctx context.Context) error {
		_, err := w.kubernetes.CoreV1().ServiceAccounts(w.namespace).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	w.pod(pod, image)
	w.instance(pod, running)
}

func TestATrustDomainThatIsDeletedAndAppliedAgainIsTheUsers(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	name := w.namespace + "-d"
	t.Cleanup(func() { _ = w.xos.TrustDomains().Delete(context.Background(), name, metav1.DeleteOptions{}) })
	w.applyDomain(name, "")
	uid := w.materialized(name, "")
	for range 3 {
		w.in(name).recorded("web")
		require.NoError(t, w.xos.TrustDomains().Delete(t.Context(), name, metav1.DeleteOptions{}))
		w.gone(func(ctx context.Context) error {
			_, err := w.xos.TrustDomains().Get(ctx, name, metav1.GetOptions{})
			return err
		})
		w.applyDomain(name, "")
		uid = w.materialized(name, uid)
	}
}

func TestARecordThatAManifestWasAppliedToIsTheUsersInTheEnd(t *testing.T) {
	for sentence, test := range map[string]struct {
		apply   func(w *env, name, more string)
		more    string
		managed bool
	}{
		"by the server":                  {(*env).applyDomain, "", true},
		"by kubectl":                     {(*env).applyOver, "", true},
		"that says that it is a record":  {(*env).applyDomain, `,"xosManaged":false`, false},
		"by kubectl, that says the same": {(*env).applyOver, `,"xosManaged":false`, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newEnv(t)
			w.startWhole(pull.Options{})
			w.pod("web", image)
			w.instance("web", running)
			namespaces := w.kubernetes.CoreV1().Namespaces()
			before, err := namespaces.Get(t.Context(), w.namespace, metav1.GetOptions{})
			require.NoError(t, err)
			record, err := w.xos.TrustDomains().Get(t.Context(), w.namespace, metav1.GetOptions{})
			require.NoError(t, err)
			require.False(t, xosv1.IsManaged(record))
			t.Cleanup(func() { _ = w.xos.TrustDomains().Delete(context.Background(), w.namespace, metav1.DeleteOptions{}) })
			require.NoError(t, namespaces.Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
			test.apply(w, w.namespace, test.more)
			if test.managed {
				w.materialized(w.namespace, before.UID)
			} else {
				w.eventually(func(ctx context.Context) error {
					d, err := w.xos.TrustDomains().Get(ctx, w.namespace, metav1.GetOptions{})
					if err != nil {
						return err
					}
					if xosv1.IsManaged(d) || d.Labels[xosv1.PulledLabel] != "" {
						return fmt.Errorf("managed %t, labels %v", xosv1.IsManaged(d), d.Labels)
					}
					return nil
				})
			}
			after, err := w.xos.TrustDomains().Get(t.Context(), w.namespace, metav1.GetOptions{})
			require.NoError(t, err)
			assert.Equal(t, record.UID, after.UID, "it is the object that was applied")
			assert.Equal(t, test.managed, after.Spec.Adopt == "", "what the manifest does not say is not said, once it is managed")
		})
	}
}

func TestARecordThatAnotherClientLabelledIsKept(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	w.pod("web", image)
	before := w.instance("web", running)
	_, err := w.instances().Patch(t.Context(), "web", types.MergePatchType, []byte(`{"metadata":{"labels":{"mine":"true"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.deletePod("web")
	after := w.instance("web", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Labels[xosv1.PulledLabel] != "" {
			return fmt.Errorf("labels %v", i.Labels)
		}
		return is(i, xosv1.ReasonReferenceNotFound)
	})
	assert.Equal(t, before.UID, after.UID)
	assert.False(t, xosv1.IsManaged(after), "a label makes no pod")
	assert.Empty(t, after.Status.PodUID)
}

func TestNothingIsRecordedForANamespaceThatEnds(t *testing.T) {
	w := newEnv(t)
	m := w.start(pull.Options{})
	pod := w.pod("web", image)
	w.instance("web", running)
	w.patchPod("web", `{"metadata":{"finalizers":["test.example.org/hold"]}}`)
	t.Cleanup(func() {
		_, _ = w.kubernetes.CoreV1().Pods(w.namespace).Patch(context.Background(), pod.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	})
	require.NoError(t, w.kubernetes.CoreV1().Namespaces().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	// Kubernetes ends all else in a namespace only after the pods.
	require.NoError(t, w.instances().Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.instanceGone("web")
	require.NoError(t, w.xos.TrustDomains().Delete(t.Context(), w.namespace, metav1.DeleteOptions{}))
	m.Stop()
	m = w.start(pull.Options{}) // which finds the pod without a record
	w.patchPod("web", `{"metadata":{"annotations":{"note":"x"}}}`)
	// What comes later is recorded; this is not.
	later := w.in(plane.Namespace(t, w.plane))
	w.selectOnly(later.namespace)
	later.pod("later", image)
	later.instance("later", running)
	m.Stop()
	for _, request := range m.Since(0).Writes() {
		assert.NotEqual(t, w.namespace, request.Namespace, request)
	}
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.TrustDomains().Get(ctx, w.namespace, metav1.GetOptions{})
		return err
	})
}
