package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// in is the same environment seen from another namespace.
func (w *env) in(namespace string) *env {
	return &env{T: w.T, plane: w.plane, namespace: namespace, kubernetes: w.kubernetes, xos: w.xos}
}

// victim is a managed instance of another namespace that the pull selects, and its
// pod, of which Kafka knows.
func (w *env) victim(b *broker, name string) (*env, *xosv1.KubernetesServiceInstance, *corev1.Pod) {
	w.Helper()
	other := w.in(plane.Namespace(w.T, w.plane))
	w.selectOnly(other.namespace)
	i := other.managed(name)
	pod := other.podOf(i)
	b.statuses(pod.UID, "created")
	return other, i, pod
}

// tracked makes a pod whose tracking annotation names an instance.
func (w *env) tracked(name, instance string) *corev1.Pod {
	w.Helper()
	pod, err := w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{
			xosv1.OwnerAnnotation: fmt.Sprintf("KubernetesServiceInstance/%s/Pod/%s/%s", instance, w.namespace, name),
		}},
		Spec: podSpec(image),
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return pod
}

func TestAForgedAnnotationHidesNoPodAndChangesNoOtherEvents(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	other, i, real := w.victim(b, "web")
	victim := fmt.Sprintf("%s/%s/%s", i.Namespace, i.Name, i.UID)
	for name, instance := range map[string]string{
		"web":     victim,                             // an instance that places no pods here
		"decoy":   victim,                             // one of another name
		"nothing": w.namespace + "/nothing/not-a-uid", // one that is not there
	} {
		forged := w.tracked(name, instance)
		w.instance(name, b.told)
		w.deletePod(name)
		w.instanceGone(name)
		b.statuses(forged.UID, "created", "deleted")
	}
	other.patchPod("web", `{"metadata":{"labels":{"more":"true"}}}`)
	other.eventually(func(context.Context) error { return b.last(real.UID, xosv1.EventUpdated) })
	other.deletePod("web")
	b.statuses(real.UID, "created", "deleted")
}

func TestAnEventFollowsFromNoRecordsText(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.start(pull.Options{Log: b.log()})
	other, _, real := w.victim(b, "web")
	for name, of := range map[string]string{
		"web":    fmt.Sprintf("Pod.v1/%s/web/%s", other.namespace, real.UID),
		"web-in": fmt.Sprintf("Pod.v1/%s/web-in/%s", w.namespace, real.UID),
	} {
		_, err := w.instances().Create(t.Context(), &xosv1.KubernetesServiceInstance{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{xosv1.PulledLabel: "true"},
				Annotations: map[string]string{xosv1.MirrorsAnnotation: of}},
			Spec: xosv1.KubernetesServiceInstanceSpec{Lifecycle: xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: new(bool)}}},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		// It has been reconciled once it is not the pull's to delete any more: a user created it.
		w.instance(name, func(i *xosv1.KubernetesServiceInstance) error {
			if i.Labels[xosv1.PulledLabel] != "" {
				return fmt.Errorf("labels %v", i.Labels)
			}
			return nil
		})
	}
	b.statuses(real.UID, "created")
	other.deletePod("web")
	b.statuses(real.UID, "created", "deleted")
}

func TestASliceShowsNoControllerOfAnotherNamespace(t *testing.T) {
	w := newEnv(t)
	other := w.in(plane.Namespace(t, w.plane))
	d := other.deployment(2, image)
	w.start(pull.Options{})
	w.selectOnly(other.namespace)
	other.slice("web", counting([4]int32{2, 2, 2, 2}, "app=web"))
	forged := func(name string, labels map[string]string) {
		_, err := w.xos.Slices(w.namespace).Create(t.Context(), &xosv1.Slice{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: map[string]string{
				xosv1.MirrorsAnnotation: fmt.Sprintf("Deployment.v1.apps/%s/web/%s", other.namespace, d.UID),
			}},
			Spec: xosv1.SliceSpec{ControllerKind: "Deployment", Lifecycle: xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: new(bool)}}},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	forged("forged", nil)
	forged("labelled", map[string]string{xosv1.PulledLabel: "true"})
	// Slices are reconciled in turn: these come after.
	d.ObjectMeta = metav1.ObjectMeta{Name: "fence"}
	d.Spec.Selector.MatchLabels, d.Spec.Template.Labels = map[string]string{"app": "fence"}, map[string]string{"app": "fence"}
	_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Create(t.Context(), &appsv1.Deployment{ObjectMeta: d.ObjectMeta, Spec: d.Spec}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.slice("fence", counting([4]int32{2, 2, 2, 2}, "app=fence"))
	for _, name := range []string{"forged", "labelled"} {
		s := w.slice(name, func(*xosv1.Slice) error { return nil })
		assert.Zero(t, counts(s))
		assert.Empty(t, s.Status.Selector)
		assert.Nil(t, s.Status.Controller)
		assert.Empty(t, s.Status.BackendHandle)
	}
}

func TestAControllerWithAForgedAnnotationHasItsOwnSlice(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	other := w.in(plane.Namespace(t, w.plane))
	s, err := other.xos.Slices(other.namespace).Create(t.Context(), &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	d := w.deployment(2, image)
	w.slice("web", counting([4]int32{2, 2, 2, 2}, "app=web"))
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"Slice/%s/web/%s/Deployment.apps/%s/web"}}}`, xosv1.OwnerAnnotation, other.namespace, s.UID, w.namespace)
	_, err = w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), d.Name, "application/merge-patch+json", patch, metav1.PatchOptions{})
	require.NoError(t, err)
	scaleTo(w, "web", 3)
	w.slice("web", counting([4]int32{3, 3, 3, 3}, "app=web"))
	w.eventually(func(ctx context.Context) error {
		list, err := w.instances().List(ctx, metav1.ListOptions{FieldSelector: "spec.slice=web"})
		if err != nil {
			return err
		}
		if len(list.Items) != 3 {
			return fmt.Errorf("%d instances of the slice", len(list.Items))
		}
		return nil
	})
}
