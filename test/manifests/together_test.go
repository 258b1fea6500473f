package manifests

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// held waits until the principal is held for what acts as it.
func (s *env) held() {
	s.Helper()
	testkit.Await(s, s.xos.XosV1().Principals(s.domain).Get, operator, func(p *xosv1.Principal) bool { return len(p.Finalizers) == 1 })
}

func (s *env) dismissPrincipal() {
	s.Helper()
	require.NoError(s, s.xos.XosV1().Principals(s.domain).Delete(s.Context(), operator, metav1.DeleteOptions{}))
}

// cleaned waits until neither the blob nor the principal is there, nor anything that
// came of them.
func (s *env) cleaned() {
	s.Helper()
	s.gone("blob")
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.xos.XosV1().Principals(s.domain).Get(ctx, operator, metav1.GetOptions{})
		return apierrors.IsNotFound(err), "the principal is still there"
	})
	testkit.Absent(s, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings")
}

func TestABlobAndItsPrincipalAreDeletedTogetherInAnyOrder(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*env){
		"the principal first": func(s *env) { s.dismissPrincipal(); s.remove("blob") },
		"the blob first":      func(s *env) { s.remove("blob"); s.dismissPrincipal() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tenant(t)
			s.apply("blob", settings+account)
			s.ready("blob")
			s.held()
			remove(s)
			s.cleaned()
		})
	}
}

func TestABlobAndItsPrincipalAreDeletedTogetherWhileNoManagerRuns(t *testing.T) {
	// Not parallel: this manager is stopped.
	s := alone(t)
	s.apply("blob", settings+account)
	s.ready("blob")
	s.held()
	s.manager.Stop()
	s.dismissPrincipal()
	s.remove("blob")
	s.manager = inprocess.Start(t, testkit.Deployed(t))
	s.cleaned()
}

func TestANamespaceDeletedWithoutAManagerEndsWithItsDomain(t *testing.T) {
	// Not parallel: this manager is stopped.
	s := alone(t)
	s.apply("blob", settings+account)
	s.ready("blob")
	s.manager.Stop()
	require.NoError(t, s.kube.CoreV1().Namespaces().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		bindings, err := s.kube.RbacV1().RoleBindings(s.domain).List(ctx, metav1.ListOptions{})
		return err == nil && len(bindings.Items) == 0, "the principal's role is still bound"
	})
	require.NoError(t, s.xos.XosV1().TrustDomains().Delete(t.Context(), s.domain, metav1.DeleteOptions{}))
	s.manager = inprocess.Start(t, testkit.Deployed(t))
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.kube.CoreV1().Namespaces().Get(ctx, s.domain, metav1.GetOptions{})
		return apierrors.IsNotFound(err), "the namespace is still there"
	})
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.xos.XosV1().TrustDomains().Get(ctx, s.domain, metav1.GetOptions{})
		return apierrors.IsNotFound(err), "the trust domain is still there"
	})
}

func TestOrphanNeedsNoRights(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.apply("blob", settings)
	s.ready("blob")
	s.dismissPrincipal()
	s.unready("blob", xosv1.ReasonReferenceNotFound, "Principal operator does not exist")
	s.remove("blob")
	i := s.unready("blob", xosv1.ReasonForbidden, "ConfigMap $domain/settings", "Principal operator does not exist", "spec.deletionPolicy is set to Orphan")
	require.Equal(t, xosv1.KubectlStateCreated, i.Status.KubectlState, "nothing of it was deleted")
	require.Len(t, i.Status.Inventory, 1)
	_, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Patch(t.Context(), "blob", types.MergePatchType,
		[]byte(`{"spec":{"deletionPolicy":"Orphan"}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	s.gone("blob")
	testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		events, err := s.kube.EventsV1().Events(s.domain).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		var notes []string
		for _, e := range events.Items {
			notes = append(notes, e.Note)
		}
		all := strings.Join(notes, "\n")
		return strings.Contains(all, "keep the annotations of XOS"), all
	})
}

func TestARefusedDeletionBacksOffAndIsReportedOnce(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.limit("get", "list", "watch", "create", "patch") // and not delete
	var blob strings.Builder
	for i := range 5 {
		fmt.Fprintf(&blob, "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-%d}}\n---\n", i)
	}
	s.apply("blob", blob.String(), asLimited)
	inventory := s.ready("blob").Status.Inventory
	settled(s, s.manager, 0)
	mark := s.manager.Mark()
	s.remove("blob")
	plane.Wait(t, testkit.Timeout, func(context.Context) (bool, string) {
		tries := len(s.manager.Since(mark).In(s.domain).Named("config-0").Of("delete", "configmaps"))
		return tries >= 4, fmt.Sprint(tries, " tries")
	})
	sent := s.manager.Since(mark).In(s.domain)
	require.Len(t, sent.Of("patch", "kubernetesresourceinstances/status"), 1, "%v", sent.Lines())
	tries := sent.Named("config-0").Of("delete", "configmaps")
	require.Greater(t, tries[3].Time.Sub(tries[2].Time), tries[1].Time.Sub(tries[0].Time))
	var names, before []string
	for _, e := range s.unready("blob", xosv1.ReasonForbidden).Status.Inventory {
		names = append(names, e.Name)
	}
	for _, e := range inventory {
		before = append(before, e.Name)
	}
	require.Equal(t, before, names, "in the same order as ever")
	s.grant("get", "list", "watch", "create", "patch", "delete")
	s.gone("blob")
}
