package manifests

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func TestAnObjectRemovedFromTheManifestIsPruned(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+account)
	s.ready("blob")
	settled(s, s.manager, 0)
	mark := s.manager.Mark()
	s.apply("blob", settings)
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 })
	testkit.Absent(t, s.kube.CoreV1().ServiceAccounts(s.domain).Get, "worker")
	s.ready("blob")
	require.Equal(t, []string{"delete serviceaccounts worker"},
		settled(s, s.manager, mark).Where(func(r transport.Request) bool { return r.Name != "blob" }).Lines())
}

func TestNothingIsPrunedBeforeItsReplacementIsThere(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	const better = `{apiVersion: v1, kind: Service, metadata: {name: better}, spec: {ports: [{port: 99999}]}}`
	s.apply("blob", better)
	s.unready("blob", xosv1.ReasonInvalid, "spec.ports[0].port")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	s.apply("blob", `{apiVersion: v1, kind: Service, metadata: {name: better}, spec: {ports: [{port: 99}]}}`)
	require.Len(t, s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 1 }).Status.Inventory, 1)
	testkit.Absent(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
}

func TestDeletionRunsInReverseOrder(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings+account+"---\n{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}\n")
	s.ready("blob")
	settled(s, s.manager, 0)
	mark := s.manager.Mark()
	s.delete("blob")
	require.Equal(t, []string{
		"delete services web", "delete configmaps settings", "delete serviceaccounts worker",
	}, settled(s, s.manager, mark).Writes().Named("web", "settings", "worker").Lines())
}

func TestDeletionWaitsForWhatIsHeld(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	configs := s.kube.CoreV1().ConfigMaps(s.domain)
	hold := func(finalizers string) {
		_, err := configs.Patch(context.Background(), "settings", types.MergePatchType,
			[]byte(`{"metadata":{"finalizers":`+finalizers+`}}`), metav1.PatchOptions{FieldManager: "another-client"})
		require.NoError(t, err)
	}
	hold(`["example.org/hold"]`)
	s.remove("blob")
	i := s.unready("blob", xosv1.ReasonTerminating, "1 resources are still there: ConfigMap $domain/settings, held by the finalizer example.org/hold")
	require.Equal(t, "held by the finalizer example.org/hold", entry(i, "ConfigMap", "settings").Message)
	require.Equal(t, xosv1.KubectlStateDeleted, i.Status.KubectlState)
	hold("null")
	s.gone("blob")
}

func TestAKindThatCameAMomentAgoIsDeletedAllTheSame(t *testing.T) {
	t.Parallel()
	s := administrator(t)
	group := s.domain + ".example.org"
	// It has the manager ask for all kinds; for the next seconds it does not ask
	// again, and does not know Lamp.
	s.apply("unknown", "{apiVersion: "+group+"/v1, kind: Unheard, metadata: {name: of}}")
	s.unready("unknown", xosv1.ReasonFailed, "no kind Unheard")
	s.apply("blob", definition(group)+"---\n{apiVersion: "+group+"/v1, kind: Lamp, metadata: {name: hall}}\n")
	s.ready("blob")
	mark := s.manager.Mark()
	s.delete("blob")
	require.Equal(t, []string{"delete lamps hall", "delete customresourcedefinitions lamps." + group},
		s.manager.Since(mark).Writes().In(s.domain, "lamps."+group).Named("hall", "lamps."+group).Lines())
	s.delete("unknown")
}

func TestOrphansStayWithoutTrackingMetadata(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings, func(i instance) { i.Spec.DeletionPolicy = xosv1.DeletionPolicyOrphan })
	s.ready("blob")
	s.delete("blob")
	left := testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	require.Empty(t, left.Annotations)
	require.Empty(t, left.ManagedFields)
	require.Equal(t, map[string]string{"color": "blue"}, left.Data)
}

func TestAnUnmanagedObjectIsReleased(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	no := false
	s.apply("blob", settings, func(i instance) { i.Spec.XOSManaged = &no })
	s.until("blob", func(i instance) bool { return len(i.Status.Inventory) == 0 })
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", func(c *corev1.ConfigMap) bool { return len(c.Annotations) == 0 })
	s.delete("blob")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
}

func TestANamesakeOfAnAppliedObjectIsNotDeleted(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	s.apply("blob", settings, func(i instance) { i.Spec.Suspend = true })
	s.suspended("blob")
	configs := s.kube.CoreV1().ConfigMaps(s.domain)
	require.NoError(t, configs.Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	_, err := configs.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	s.delete("blob")
	testkit.Await(t, configs.Get, "settings", nil)
}

func TestDeletionEndsThoughTheDomainIsGone(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	require.NoError(t, s.xos.XosV1().TrustDomains().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.kube.CoreV1().Namespaces().Get(ctx, s.domain, metav1.GetOptions{})
		return err != nil, "the namespace is still there"
	})
}

func TestMissingRightsBlockDeletionAndAreReported(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	require.NoError(t, s.xos.XosV1().Principals(s.domain).Delete(t.Context(), operator, metav1.DeleteOptions{}))
	s.unready("blob", xosv1.ReasonReferenceNotFound, "Principal operator does not exist")
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		list, err := s.kube.RbacV1().RoleBindings(s.domain).List(ctx, metav1.ListOptions{})
		return err == nil && len(list.Items) == 0, "the principal's role is still bound"
	})
	s.remove("blob")
	s.unready("blob", xosv1.ReasonForbidden, "ConfigMap $domain/settings", "spec.deletionPolicy is set to Orphan")
	require.NoError(t, s.kube.CoreV1().ConfigMaps(s.domain).Delete(t.Context(), "settings", metav1.DeleteOptions{}))
	_, err := s.xos.XosV1().Principals(s.domain).Create(t.Context(), s.principal(), metav1.CreateOptions{})
	require.NoError(t, err)
	s.gone("blob")
}
