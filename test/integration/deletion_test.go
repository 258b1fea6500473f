package integration

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// placements are the two ways in which an owner and what it owns can be placed.
var placements = map[string]func(*testing.T) *env{
	"in the namespace of its trust domain": sameNamespace,
	"in another namespace":                 crossNamespace,
}

func TestADeletionTakesTheNativeObjectAlong(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings)
			s.ready("KubernetesConfigMap", "settings")
			mark := s.manager.Mark()
			s.delete("KubernetesConfigMap", "settings")
			testkit.AwaitGone(s, s.configMaps().Get, "settings")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")

			sent := s.settled(mark)
			require.LessOrEqual(t, len(sent.Of("delete", "configmaps")), 1) // none where the garbage collector was faster
			require.Empty(t, sent.Of("get", "configmaps"))
		})
	}
}

func TestADeletionBeforeAnythingWasMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: missing-$domain}`)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonReferenceNotFound)
	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
}

// Whatever of the references is gone: an end needs none of them.
func TestADeletionNeedsNoReference(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	require.NoError(t, s.xos.XosV1().TrustDomains().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	testkit.AwaitGone(s, s.xos.XosV1().TrustDomains().Get, s.domain)
	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	testkit.AwaitGone(s, s.configMaps().Get, "settings")
}

func TestANamesakeMadeAtOnceGetsAnObjectOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings)
			s.ready("KubernetesConfigMap", "settings")
			first := testkit.Must(s, s.configMaps().Get, "settings")

			s.delete("KubernetesConfigMap", "settings")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
			s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: red}}`)
			s.ready("KubernetesConfigMap", "settings")
			s.settled(0)
			second := testkit.Must(s, s.configMaps().Get, "settings")
			require.NotEqual(t, first.UID, second.UID)
			require.Equal(t, map[string]string{"color": "red"}, second.Data)
			owner := testkit.Must(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
			require.Contains(t, second.Annotations[xosv1.OwnerAnnotation], string(owner.UID))
		})
	}
}

// The delete is held back until its object has been replaced: it must not meet
// the successor.
func TestADeleteMeetsOnlyTheObjectThatItMeans(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	made := testkit.Must(s, s.configMaps().Get, "settings")

	arrived, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s.manager.Intercept(t, func(r transport.Request) transport.Fault {
		if r.Verb == "delete" && r.Resource == "configmaps" && r.Namespace == s.domain {
			first.Do(func() {
				close(arrived)
				<-release
			})
		}
		return nil
	})
	s.delete("KubernetesConfigMap", "settings")
	s.happens(arrived, "the delete")
	require.NoError(t, s.configMaps().Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	_, err := s.configMaps().Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"another": "client's"},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, &made.UID, s.sent(0).Of("delete", "configmaps")[0].Precondition())
	close(release)

	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	s.settled(0)
	require.Equal(t, map[string]string{"another": "client's"}, testkit.Must(s, s.configMaps().Get, "settings").Data)
}

func TestAnOrphanIsReleasedWhole(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings + "  deletionPolicy: Orphan\n")
			s.ready("KubernetesConfigMap", "settings")
			made := testkit.Must(s, s.configMaps().Get, "settings")
			s.delete("KubernetesConfigMap", "settings")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
			requireLeft(s, made)
		})
	}
}

func TestAPolicyThatTurnsToOrphanCounts(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	made := testkit.Must(s, s.configMaps().Get, "settings")
	s.apply(settings + "  deletionPolicy: Orphan\n")
	s.ready("KubernetesConfigMap", "settings")
	s.delete("KubernetesConfigMap", "settings")
	testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
	requireLeft(s, made)
}

// requireLeft asserts that a ConfigMap was left as it was, without our tracking
// metadata, and that it is not deleted later.
func requireLeft(s *env, made *corev1.ConfigMap) {
	s.Helper()
	s.settled(0)
	left := testkit.Must(s, s.configMaps().Get, made.Name)
	require.Equal(s, made.UID, left.UID)
	require.Nil(s, left.DeletionTimestamp)
	require.Equal(s, made.Data, left.Data)
	requireReleased(s.T, left)
}

func TestWhatIsHandedBackIsLeftAndTakenUpAgain(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings)
			s.ready("KubernetesConfigMap", "settings")
			made := testkit.Must(s, s.configMaps().Get, "settings")

			s.apply(settings + "  xosManaged: false\n")
			s.awaitReady("KubernetesConfigMap", "settings", func(c metav1.Condition) bool {
				return c.Status == metav1.ConditionTrue && c.Reason == xosv1.ReasonInventoried
			})
			requireLeft(s, made)

			s.apply(settings + "  adopt: IfUnowned\n")
			s.ready("KubernetesConfigMap", "settings")
			require.Equal(t, made.UID, testkit.Must(s, s.configMaps().Get, "settings").UID)

			s.apply(settings + "  xosManaged: false\n")
			s.awaitReady("KubernetesConfigMap", "settings", func(c metav1.Condition) bool { return c.Reason == xosv1.ReasonInventoried })
			s.delete("KubernetesConfigMap", "settings")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
			requireLeft(s, made)
		})
	}
}

func TestASuspendedObjectIsLeftAloneUntilItIsNot(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings)
	s.ready("KubernetesConfigMap", "settings")
	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, suspend: true, data: {color: red}}`)
	s.suspended("KubernetesConfigMap", "settings")
	s.ready("KubernetesConfigMap", "settings") // as it was found last
	s.settled(0)

	mark := s.manager.Mark()
	_, err := s.configMaps().Patch(t.Context(), "settings", types.MergePatchType, []byte(`{"data":{"color":"green"}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	require.Empty(t, s.settled(mark))
	require.Equal(t, "green", testkit.Must(s, s.configMaps().Get, "settings").Data["color"])

	s.apply(`
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: red}}`)
	testkit.Await(s, s.configMaps().Get, "settings", func(c *corev1.ConfigMap) bool { return c.Data["color"] == "red" })
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, metav1.ConditionUnknown, s.condition("KubernetesConfigMap", "settings", xosv1.ConditionSuspended))
	require.Equal(t, map[string]string{"color": "red"}, testkit.Must(s, s.configMaps().Get, "settings").Data)
}

func TestASuspendedObjectIsDeletedNevertheless(t *testing.T) {
	t.Parallel()
	for name, newEnv := range placements {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t)
			s.apply(settings)
			s.ready("KubernetesConfigMap", "settings")
			s.apply(settings + "  suspend: true\n")
			s.suspended("KubernetesConfigMap", "settings")
			s.delete("KubernetesConfigMap", "settings")
			testkit.AwaitGone(s, s.configMaps().Get, "settings")
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesConfigMaps(s.home).Get, "settings")
		})
	}
}
