package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestWhatIsInTheSameNamespaceRefersToItsOwner(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	owner := testkit.Must(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	native := testkit.Must(s, s.configMaps().Get, "settings")

	require.Empty(t, owner.Finalizers)
	ref := metav1.GetControllerOf(native)
	require.NotNil(t, ref)
	require.Equal(t, owner.UID, ref.UID)
	require.Equal(t, "KubernetesConfigMap", ref.Kind)
	require.Equal(t, fmt.Sprintf("KubernetesConfigMap/%s/settings/%s/ConfigMap/%s/settings", s.home, owner.UID, s.domain), native.Annotations[xosv1.OwnerAnnotation])
}

func TestWhatIsInAnotherNamespaceIsHeldByAFinalizer(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	owner := testkit.Must(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	native := testkit.Must(s, s.configMaps().Get, "settings")

	require.Equal(t, []string{xosv1.CleanupFinalizer}, owner.Finalizers)
	require.Empty(t, native.OwnerReferences, "the garbage collector deletes what refers to an owner in another namespace")
	require.Equal(t, fmt.Sprintf("KubernetesConfigMap/%s/settings/%s/ConfigMap/%s/settings", s.home, owner.UID, s.domain), native.Annotations[xosv1.OwnerAnnotation])
}

func TestAnUnownedObjectIsNeverChanged(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {theirs: untouched}`)
	before := testkit.Must(s, s.configMaps().Get, "settings")
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonNotOwned, "ConfigMap $domain/settings exists and belongs to user", "spec.adopt")
	require.Equal(t, metav1.ConditionTrue, s.condition("KubernetesConfigMap", "settings", xosv1.ConditionStalled))

	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	s.settled(0)
	require.Equal(t, before, testkit.Must(s, s.configMaps().Get, "settings"))
}

func TestTwoOwnersOfOneNameDoNotFight(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	before := testkit.Must(s, s.configMaps().Get, "settings")

	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings, namespace: $domain}
spec: {adopt: IfUnowned, data: {color: green}}`)
	second := *s
	second.home = s.domain
	second.unready("KubernetesConfigMap", "settings", xosv1.ReasonNotOwned, "belongs to an object in another namespace: give this object another name")
	second.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.domain).Get, "settings")
	s.settled(0)
	require.Equal(t, before, testkit.Must(s, s.configMaps().Get, "settings"))
}

func TestANameThatBecomesFreeIsTaken(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}`)
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonNotOwned)
	require.NoError(t, s.configMaps().Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	s.ready("KubernetesConfigMap", "settings")
}

func TestAnUnownedObjectIsAdoptedWhereTheSpecAsksForIt(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {theirs: kept}`)
	before := testkit.Must(s, s.configMaps().Get, "settings")
	s.apply(settings + "  adopt: IfUnowned\n")
	s.ready("KubernetesConfigMap", "settings")
	adopted := testkit.Must(s, s.configMaps().Get, "settings")
	require.Equal(t, before.UID, adopted.UID)
	require.Equal(t, map[string]string{"theirs": "kept", "color": "blue", "size": "large"}, adopted.Data)
	require.Equal(t, "true", adopted.Annotations[xosv1.AdoptedAnnotation])
	require.Empty(t, adopted.OwnerReferences)

	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	s.settled(0)
	left := testkit.Must(s, s.configMaps().Get, "settings")
	require.Equal(t, before.UID, left.UID, "what was there before is not deleted")
	requireReleased(t, left)
}

func TestWhatWasAdoptedIsDeletedWhereThatIsWrittenOut(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}`)
	s.apply(settings + "  adopt: IfUnowned\n  deletionPolicy: Delete\n")
	s.ready("KubernetesConfigMap", "settings")
	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.configMaps().Get, "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
}

func TestAnAdoptionThatMeetsAnotherManagersFieldNamesBoth(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: theirs}`)
	before := testkit.Must(s, s.configMaps().Get, "settings")
	s.apply(settings + "  adopt: IfUnowned\n")
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonConflict, ".data.color", `"user"`)
	require.Equal(t, before, testkit.Must(s, s.configMaps().Get, "settings"))
}

// A field that another applier declares is not fought over: neither side would
// ever win.
func TestAFieldOfAnotherApplierIsNotFoughtOver(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	force := true
	_, err := s.configMaps().Patch(t.Context(), "settings", types.ApplyYAMLPatchType,
		[]byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: green}\n"),
		metav1.PatchOptions{FieldManager: "flux", Force: &force})
	require.NoError(t, err)

	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonConflict, ".data.color", `"flux"`, "ConfigMap $domain/settings")
	require.Equal(t, "green", testkit.Must(s, s.configMaps().Get, "settings").Data["color"])

	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {size: large}}`)
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, map[string]string{"color": "green", "size": "large"}, testkit.Must(s, s.configMaps().Get, "settings").Data)
}

// requireReleased asserts that nothing of ours is left on an object.
func requireReleased(t *testing.T, o metav1.Object) {
	t.Helper()
	require.Empty(t, o.GetOwnerReferences())
	require.NotContains(t, o.GetLabels(), xosv1.ManagedByLabel)
	for _, ours := range []string{xosv1.OwnerAnnotation, xosv1.AppliedAnnotation, xosv1.AdoptedAnnotation} {
		require.NotContains(t, o.GetAnnotations(), ours)
	}
	for _, fields := range o.GetManagedFields() {
		require.NotEqual(t, xosv1.FieldManager, fields.Manager)
	}
}

func TestARemovedTrackingAnnotationIsRestored(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	_, err := s.configMaps().Patch(t.Context(), "settings", types.MergePatchType,
		[]byte(fmt.Sprintf(`{"metadata":{"annotations":{%q:null,%q:null}}}`, xosv1.OwnerAnnotation, xosv1.AppliedAnnotation)),
		metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(t, err)
	testkit.Await(s, s.configMaps().Get, "settings", func(m *corev1.ConfigMap) bool {
		return m.Annotations[xosv1.OwnerAnnotation] != "" && m.Annotations[xosv1.AppliedAnnotation] != ""
	})
	s.ready("KubernetesConfigMap", "settings")
}
