package pull_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

// hand hands a slice to XOS, or back.
func (w *env) hand(name string, managed bool) {
	w.Helper()
	_, err := w.xos.Slices(w.namespace).Patch(w.Context(), name, types.MergePatchType,
		fmt.Appendf(nil, `{"spec":{"xosManaged":%t}}`, managed), metav1.PatchOptions{})
	require.NoError(w, err)
}

// is checks an object's Ready condition, and that it speaks of the newest spec.
func is(o xosv1.Object, reason string, parts ...string) error {
	status := o.GetObjectStatus()
	ready := meta.FindStatusCondition(status.Conditions, xosv1.ConditionReady)
	if ready == nil || status.ObservedGeneration != o.GetGeneration() || ready.Reason != reason {
		return fmt.Errorf("conditions of generation %d at %d: %+v", status.ObservedGeneration, o.GetGeneration(), ready)
	}
	for _, part := range parts {
		if !strings.Contains(ready.Message, part) {
			return fmt.Errorf("message %q has no %q", ready.Message, part)
		}
	}
	return nil
}

// pods are the UIDs of the namespace's pods by name.
func (w *env) pods() map[string]types.UID {
	w.Helper()
	list, err := w.kubernetes.CoreV1().Pods(w.namespace).List(w.Context(), metav1.ListOptions{})
	require.NoError(w, err)
	uids := map[string]types.UID{}
	for _, pod := range list.Items {
		uids[pod.Name] = pod.UID
	}
	return uids
}

func (w *env) native(kind theirs, name string) *unstructured.Unstructured {
	w.Helper()
	client, err := dynamic.NewForConfig(w.plane.Config())
	require.NoError(w, err)
	o, err := client.Resource(kind.resource()).Namespace(w.namespace).Get(w.Context(), name, metav1.GetOptions{})
	require.NoError(w, err)
	return o
}

func TestAControllerIsTakenOverAndHandedBackWithoutARestart(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	kinds := w.everyKind()
	name := func(kind theirs) string { return "a-" + strings.ToLower(kind.kind) }
	for _, kind := range kinds {
		require.NoError(t, kind.make(w, name(kind), map[string]string{"app": name(kind)}))
	}
	settled := func(s *xosv1.Slice) error {
		if err := is(s, xosv1.ReasonInventoried); err != nil {
			return err
		}
		if k := s.Spec.ControllerKind; k == "Job" || k == "CronJob" {
			return nil // whose pods kwok completes
		}
		return counting([4]int32{2, 2, 2, 2}, "app="+s.Name)(s)
	}
	for _, kind := range kinds {
		w.slice(name(kind), settled)
	}
	pods := w.pods()
	for _, kind := range kinds {
		t.Run(kind.kind, func(t *testing.T) {
			w := &env{T: t, plane: w.plane, namespace: w.namespace, kubernetes: w.kubernetes, xos: w.xos}
			pulled, before := w.slice(name(kind), settled), w.native(kind, name(kind))
			w.hand(name(kind), true)
			taken := w.slice(name(kind), func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
			during := w.native(kind, name(kind))
			assert.Equal(t, before.Object["spec"], during.Object["spec"])
			assert.Equal(t, "true", during.GetAnnotations()[xosv1.AdoptedAnnotation])
			assert.Equal(t, pulled.Status.Controller, taken.Status.Controller)
			assert.Equal(t, pulled.Status.BackendHandle, taken.Status.BackendHandle)
			assert.Equal(t, pulled.Status.Selector, taken.Status.Selector)

			w.hand(name(kind), false)
			w.eventually(func(context.Context) error {
				if o := w.native(kind, name(kind)); o.GetAnnotations()[xosv1.OwnerAnnotation] != "" {
					return fmt.Errorf("annotations %v", o.GetAnnotations())
				}
				return nil
			})
			back := w.slice(name(kind), settled)
			after := w.native(kind, name(kind))
			assert.Equal(t, pulled.UID, back.UID)
			assert.Equal(t, before.GetUID(), after.GetUID())
			assert.Equal(t, before.Object["spec"], after.Object["spec"])
			assert.NotContains(t, after.GetLabels(), xosv1.ManagedByLabel)
		})
	}
	assert.Equal(t, pods, w.pods(), "no pod was restarted")

	scaleTo(w, "a-deployment", 3)
	w.slice("a-deployment", counting([4]int32{3, 3, 3, 3}, "app=a-deployment"))
	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), "a-deployment", metav1.DeleteOptions{}))
	w.sliceGone("a-deployment")
}

func TestASliceNamedUnlikeItsControllerReportsTheWayOut(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.deployment(1, image)
	label := func(value string) {
		_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), "web", types.MergePatchType,
			fmt.Appendf(nil, `{"metadata":{"labels":{"xos_slice_name":%s}}}`, value), metav1.PatchOptions{})
		require.NoError(t, err)
	}
	label(`"front"`)
	w.slice("front", counting([4]int32{1, 1, 1, 1}, "app=web"))
	pods := w.pods()
	w.hand("front", true)
	w.slice("front", func(s *xosv1.Slice) error {
		return is(s, xosv1.ReasonNotOwned, "records Deployment "+w.namespace+"/web", "xos_slice_name", "Slice web")
	})
	list, err := w.kubernetes.AppsV1().Deployments(w.namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "nothing was made beside it")
	assert.NotContains(t, list.Items[0].Annotations, xosv1.OwnerAnnotation)

	// And it works as it says.
	w.hand("front", false)
	label("null")
	w.slice("web", counting([4]int32{1, 1, 1, 1}, "app=web"))
	w.sliceGone("front")
	w.hand("web", true)
	w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
	assert.Equal(t, pods, w.pods())
}

func TestAFailedTakeoverIsReportedAndNothingIsCreated(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.deployment(1, image)
	w.slice("web", counting([4]int32{1, 1, 1, 1}, "app=web"))
	sets, err := w.kubernetes.AppsV1().ReplicaSets(w.namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, sets.Items, 1)
	for _, c := range []struct {
		name, kind, reason string
		parts              []string
	}{
		{sets.Items[0].Name, "ReplicaSet", xosv1.ReasonNotOwned, []string{"belongs to Deployment web"}},
		{"nothing", "Deployment", xosv1.ReasonNothingToAdopt, []string{"there is no Deployment nothing to take over", "spec.template"}},
	} {
		_, err := w.xos.Slices(w.namespace).Create(t.Context(), &xosv1.Slice{
			ObjectMeta: metav1.ObjectMeta{Name: c.name},
			Spec:       xosv1.SliceSpec{ControllerKind: c.kind, Lifecycle: xosv1.Lifecycle{Adopt: xosv1.AdoptIfUnowned}},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		w.slice(c.name, func(s *xosv1.Slice) error { return is(s, c.reason, c.parts...) })
	}
	_, err = w.kubernetes.AppsV1().Deployments(w.namespace).Get(t.Context(), "nothing", metav1.GetOptions{})
	assert.True(t, apierrors.IsNotFound(err))
	set, err := w.kubernetes.AppsV1().ReplicaSets(w.namespace).Get(t.Context(), sets.Items[0].Name, metav1.GetOptions{})
	require.NoError(t, err)
	assert.NotContains(t, set.Annotations, xosv1.OwnerAnnotation)
}

func TestAControllerThatHelmKeepsIsTakenOverOnceHelmHasLetGo(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	d := w.deployment(1, image)
	label := func(value string) {
		_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), "web", types.MergePatchType,
			fmt.Appendf(nil, `{"metadata":{"labels":{%q:%s}}}`, xosv1.ManagedByLabel, value), metav1.PatchOptions{FieldManager: "helm"})
		require.NoError(t, err)
	}
	label(`"Helm"`)
	w.slice("web", counting([4]int32{1, 1, 1, 1}, "app=web"))
	w.hand("web", true)
	w.slice("web", func(s *xosv1.Slice) error {
		return is(s, xosv1.ReasonNotOwned, "says that Helm keeps it", "take its label "+xosv1.ManagedByLabel+" off")
	})
	label("null")
	s := w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
	assert.Equal(t, d.UID, s.Status.Controller.UID)
}

func TestAServiceLeadsToThePodsOfAPulledSliceAndOfOneTakenOver(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.deployment(2, image)
	_, err := w.xos.Services(w.namespace).Create(t.Context(), &xosv1.Service{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = w.xos.ServicePorts(w.namespace).Create(t.Context(), &xosv1.ServicePort{
		ObjectMeta: metav1.ObjectMeta{Name: "http"},
		Spec:       xosv1.ServicePortSpec{Service: "shop", InternalPort: 80, Exposure: xosv1.ExposureClusterIP},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.slice("web", func(*xosv1.Slice) error { return nil })
	_, err = w.xos.Slices(w.namespace).Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec":{"service":"shop"}}`), metav1.PatchOptions{})
	require.NoError(t, err)

	native := func() *corev1.Service {
		var found *corev1.Service
		w.eventually(func(ctx context.Context) error {
			service, err := w.kubernetes.CoreV1().Services(w.namespace).Get(ctx, "shop-clusterip", metav1.GetOptions{})
			found = service
			return err
		})
		return found
	}
	first := native()
	assert.Equal(t, map[string]string{"app": "web"}, first.Spec.Selector)
	w.eventually(func(ctx context.Context) error {
		slices, err := w.kubernetes.DiscoveryV1().EndpointSlices(w.namespace).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=shop-clusterip"})
		if err != nil {
			return err
		}
		if len(slices.Items) != 1 || len(slices.Items[0].Endpoints) != 2 {
			return fmt.Errorf("endpoints %+v", slices.Items)
		}
		return nil
	})

	w.hand("web", true)
	w.slice("web", func(s *xosv1.Slice) error { return is(s, xosv1.ReasonSucceeded) })
	w.eventually(func(ctx context.Context) error {
		s, err := w.xos.Services(w.namespace).Get(ctx, "shop", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return is(s, xosv1.ReasonSucceeded)
	})
	assert.Equal(t, first.Spec, native().Spec, "its pods have the labels that they had")
}
