package pull_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// counts are a slice's replicas: those wanted, there, up to date and ready.
func counts(s *xosv1.Slice) [4]int32 {
	return [4]int32{ptr.Deref(s.Status.DesiredReplicas, 0), s.Status.Replicas, s.Status.UpdatedReplicas, s.Status.ReadyReplicas}
}

func counting(want [4]int32, selector string) func(*xosv1.Slice) error {
	return func(s *xosv1.Slice) error {
		if counts(s) != want || s.Status.Selector != selector {
			return fmt.Errorf("counts %v, selector %q", counts(s), s.Status.Selector)
		}
		return nil
	}
}

func TestASliceShowsWhatItsControllerIsAndHowItIs(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	kinds := w.everyKind()
	name := func(kind string) string { return "a-" + strings.ToLower(kind) }
	for _, kind := range kinds {
		require.NoError(t, kind.make(w, name(kind.kind), map[string]string{"app": name(kind.kind)}))
	}
	for _, kind := range kinds {
		var s *xosv1.Slice
		switch kind.kind {
		case "Job": // which kwok completes, maybe before anybody looks; then it wants no pods
			s = w.slice(name(kind.kind), func(s *xosv1.Slice) error {
				job, err := w.kubernetes.BatchV1().Jobs(w.namespace).Get(t.Context(), name(kind.kind), metav1.GetOptions{})
				if err != nil {
					return err
				}
				desired := ptr.Deref(s.Status.DesiredReplicas, -1)
				over := job.Status.CompletionTime != nil && desired == 0
				if (desired != 2 && !over) || !strings.HasPrefix(s.Status.Selector, "batch.kubernetes.io/controller-uid=") {
					return fmt.Errorf("counts %v, selector %q", counts(s), s.Status.Selector)
				}
				return nil
			})
		case "CronJob":
			s = w.slice(name(kind.kind), func(s *xosv1.Slice) error {
				if s.Status.Controller == nil {
					return fmt.Errorf("no controller")
				}
				return nil
			})
		default:
			s = w.slice(name(kind.kind), counting([4]int32{2, 2, 2, 2}, "app="+name(kind.kind)))
		}
		assert.Equal(t, kind.kind, s.Status.Controller.Kind)
		assert.Equal(t, name(kind.kind), s.Status.Controller.Name)
		assert.Contains(t, s.Status.BackendHandle, "/namespaces/"+w.namespace+"/"+kind.plural+"/"+name(kind.kind))
	}

	// What the controller says of itself is shown although no pod changes.
	_, err := w.kubernetes.AppsV1().StatefulSets(w.namespace).Patch(t.Context(), "a-statefulset", "application/strategic-merge-patch+json",
		[]byte(`{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null},"template":{"metadata":{"annotations":{"changed":"true"}}}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.slice("a-statefulset", counting([4]int32{2, 2, 0, 2}, "app=a-statefulset"))
}

func TestASliceThatAUserMadeToRecordAControllerShowsIt(t *testing.T) {
	w := newEnv(t)
	w.start(pull.Options{})
	_, err := w.xos.Slices(w.namespace).Create(t.Context(), &xosv1.Slice{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: xosv1.SliceSpec{ControllerKind: "Deployment", Lifecycle: xosv1.Lifecycle{
			Managed: xosv1.Managed{XOSManaged: new(bool)}, Adopt: xosv1.AdoptIfUnowned,
		}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	d := w.deployment(2, image)
	s := w.slice("web", counting([4]int32{2, 2, 2, 2}, "app=web"))
	assert.Equal(t, d.UID, s.Status.Controller.UID)

	require.NoError(t, w.kubernetes.AppsV1().Deployments(w.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}))
	w.slice("web", func(s *xosv1.Slice) error {
		if s.Status.Controller != nil {
			return fmt.Errorf("controller %v", s.Status.Controller)
		}
		return counting([4]int32{}, "")(s)
	})
}

var fleets = schema.GroupVersionResource{Group: "test.xos.opencord.org", Version: "v1", Resource: "fleets"}

// fleet makes a controller of a custom kind, and a pod of it.
func (w *env) fleet(name string) *unstructured.Unstructured {
	w.Helper()
	require.NoError(w, w.plane.InstallCRDs(w.Context(), "testdata"))
	client, err := dynamic.NewForConfig(w.plane.Config())
	require.NoError(w, err)
	fleet := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": fleets.GroupVersion().String(), "kind": "Fleet",
		"metadata": map[string]any{"name": name},
		"spec":     map[string]any{"size": int64(3)},
		"status":   map[string]any{"size": int64(1), "selector": "fleet=" + name},
	}}
	made, err := client.Resource(fleets).Namespace(w.namespace).Create(w.Context(), fleet, metav1.CreateOptions{})
	require.NoError(w, err)
	made.Object["status"] = fleet.Object["status"]
	made, err = client.Resource(fleets).Namespace(w.namespace).UpdateStatus(w.Context(), made, metav1.UpdateOptions{})
	require.NoError(w, err)
	_, err = w.kubernetes.CoreV1().Pods(w.namespace).Create(w.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name + "-0", Labels: map[string]string{"fleet": name}, OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(made, fleets.GroupVersion().WithKind("Fleet")),
		}},
		Spec: podSpec(image),
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	return made
}

// mayReadFleets gives the deployed manager what it needs for kinds that it does not
// know, as docs/security.md instructs an operator.
func (w *env) mayReadFleets() {
	w.Helper()
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "fleets-of-" + w.namespace},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{fleets.Group}, Resources: []string{"fleets", "fleets/scale"}, Verbs: []string{"get"}}},
	}
	_, err := w.kubernetes.RbacV1().ClusterRoles().Create(w.Context(), role, metav1.CreateOptions{})
	require.NoError(w, err)
	_, err = w.kubernetes.RbacV1().RoleBindings(w.namespace).Create(w.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "fleets"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "xos-system", Name: "xos-controller-manager"}},
	}, metav1.CreateOptions{})
	require.NoError(w, err)
	w.Cleanup(func() {
		require.NoError(w, w.kubernetes.RbacV1().ClusterRoles().Delete(context.Background(), role.Name, metav1.DeleteOptions{}))
	})
}

func TestAReplicationControllerIsReadThroughItsScale(t *testing.T) {
	w := newEnv(t)
	labels := map[string]string{"app": "old"}
	_, err := w.kubernetes.CoreV1().ReplicationControllers(w.namespace).Create(t.Context(), &corev1.ReplicationController{
		ObjectMeta: metav1.ObjectMeta{Name: "old"},
		Spec: corev1.ReplicationControllerSpec{
			Replicas: new(int32(1)), Selector: labels,
			Template: &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec(image)},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.start(pull.Options{})
	s := w.slice("old", counting([4]int32{1, 1, 0, 1}, "app=old"))
	assert.Equal(t, "ReplicationController", s.Status.Controller.Kind)
}

func TestAControllerOfAnotherKindIsReadThroughItsScale(t *testing.T) {
	w := newEnv(t)
	w.fleet("sea")
	w.mayReadFleets()
	m := w.start(pull.Options{})
	s := w.slice("sea", counting([4]int32{3, 1, 0, 1}, "fleet=sea"))
	assert.Equal(t, "Fleet", s.Status.Controller.Kind)
	assert.Equal(t, "/apis/test.xos.opencord.org/v1/namespaces/"+w.namespace+"/fleets/sea", s.Status.BackendHandle)
	assert.LessOrEqual(t, len(m.Since(0).To("fleets/scale")), 2, "the answer is kept for a while")
}

func TestAControllerWhoseScaleMayNotBeReadHasItsPodsCounted(t *testing.T) {
	w := newEnv(t)
	w.fleet("sea")
	m := w.start(pull.Options{}, func(r transport.Request) transport.Fault {
		if r.Resource == "fleets/scale" {
			return transport.Refuse{Err: apierrors.NewForbidden(schema.GroupResource{Group: "test.xos.opencord.org", Resource: r.Resource}, r.Name, errors.New("no right"))}
		}
		return nil
	})
	w.slice("sea", counting([4]int32{0, 1, 0, 1}, ""))
	assert.NotEmpty(t, m.Since(0).To("fleets/scale"), "it was asked for")
}

func TestASliceIsNotWrittenToWhileItsControllerRests(t *testing.T) {
	w := newEnv(t)
	m := w.start(pull.Options{})
	w.deployment(2, image)
	before := w.slice("web", counting([4]int32{2, 2, 2, 2}, "app=web"))
	// Something of the controller changes that no slice shows.
	_, err := w.kubernetes.AppsV1().Deployments(w.namespace).Patch(t.Context(), "web", "application/merge-patch+json",
		[]byte(`{"metadata":{"annotations":{"note":"x"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.pod("last", image)
	w.instance("last", running)
	m.Stop()
	assert.Equal(t, before.ResourceVersion, w.slice("web", func(*xosv1.Slice) error { return nil }).ResourceVersion)
}

func scaleTo(w *env, name string, n int32) {
	w.Helper()
	_, err := w.kubernetes.AppsV1().Deployments(w.namespace).UpdateScale(w.Context(), name,
		&autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: w.namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: n}}, metav1.UpdateOptions{})
	require.NoError(w, err)
}
