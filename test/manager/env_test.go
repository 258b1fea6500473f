package manager

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// Where the manager is deployed.
const (
	ownNamespace = "xos-system"
	leaseName    = "xos-controller-manager"
)

// env is what a test of processes plays on: a trust domain that no process has
// seen yet, and a Lease without a holder.
type env struct {
	*testing.T
	plane  *plane.Plane
	kube   kubernetes.Interface
	xos    versioned.Interface
	domain string
	mark   audit.Mark
}

func newEnv(t *testing.T) *env {
	t.Helper()
	p := plane.Shared(t)
	s := &env{
		T: t, plane: p, mark: p.AuditMark(t), domain: "td-" + rand.String(8),
		kube: kubernetes.NewForConfigOrDie(p.Config()), xos: versioned.NewForConfigOrDie(p.Config()),
	}
	err := s.kube.CoordinationV1().Leases(ownNamespace).Delete(t.Context(), leaseName, metav1.DeleteOptions{})
	if !apierrors.IsNotFound(err) {
		require.NoError(t, err)
	}
	return s
}

// addDomain makes the trust domain and waits until a manager has materialized it.
// No manager is left to clean up when the test ends, so it is orphaned then.
func (s *env) addDomain() {
	s.Helper()
	domain := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}
	_, err := s.xos.XosV1().TrustDomains().Create(s.Context(), domain, metav1.CreateOptions{})
	require.NoError(s, err)
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		_, err := s.kube.CoreV1().Namespaces().Get(ctx, s.domain, metav1.GetOptions{})
		return err == nil, fmt.Sprint(err)
	})
	s.Cleanup(s.tidy)
}

// tidy takes the trust domain away for the next test, whose processes would meet it.
func (s *env) tidy() {
	ctx := context.Background()
	free := []byte(`{"metadata":{"finalizers":null}}`)
	maps, err := s.xos.XosV1().KubernetesConfigMaps(s.domain).List(ctx, metav1.ListOptions{})
	require.NoError(s, err)
	for _, m := range maps.Items {
		_, err := s.xos.XosV1().KubernetesConfigMaps(s.domain).Patch(ctx, m.Name, "application/merge-patch+json", free, metav1.PatchOptions{})
		require.NoError(s, err)
	}
	_, err = s.xos.XosV1().TrustDomains().Patch(ctx, s.domain, "application/merge-patch+json", free, metav1.PatchOptions{})
	require.NoError(s, err)
	require.NoError(s, s.xos.XosV1().TrustDomains().Delete(ctx, s.domain, metav1.DeleteOptions{}))
	require.NoError(s, s.kube.CoreV1().Namespaces().Delete(ctx, s.domain, metav1.DeleteOptions{}))
}

// addMaps makes KubernetesConfigMaps called name-0, name-1, ...
func (s *env) addMaps(name string, count int) {
	s.Helper()
	for i := range count {
		_, err := s.xos.XosV1().KubernetesConfigMaps(s.domain).Create(s.Context(), &xosv1.KubernetesConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-%d", name, i)},
			Spec:       xosv1.KubernetesConfigMapSpec{Data: map[string]string{"color": "blue"}},
		}, metav1.CreateOptions{})
		require.NoError(s, err)
	}
}

// awaitMaps waits for at least so many ConfigMaps whose name begins so.
func (s *env) awaitMaps(name string, count int) {
	s.Helper()
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		maps, err := s.kube.CoreV1().ConfigMaps(s.domain).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		found := 0
		for _, m := range maps.Items {
			if strings.HasPrefix(m.Name, name+"-") {
				found++
			}
		}
		return found >= count, fmt.Sprintf("there are %d of %d", found, count)
	})
}

// lease is the Lease; nil where there is none.
func (s *env) lease(ctx context.Context) *coordinationv1.Lease {
	lease, err := s.kube.CoordinationV1().Leases(ownNamespace).Get(ctx, leaseName, metav1.GetOptions{})
	if err != nil {
		return nil
	}
	return lease
}

func holder(lease *coordinationv1.Lease) string {
	if lease == nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// awaitLeader waits until a process leads that is none of these, and returns its
// Lease.
func (s *env) awaitLeader(but ...string) *coordinationv1.Lease {
	s.Helper()
	var found *coordinationv1.Lease
	plane.Wait(s, waitTimeout, func(ctx context.Context) (bool, string) {
		found = s.lease(ctx)
		now := holder(found)
		for _, other := range but {
			if now == other {
				return false, "the Lease is still held by " + now
			}
		}
		return now != "", "nobody holds the Lease"
	})
	return found
}

// sent are the requests of a process since the environment began.
func (s *env) sent(p *process, keep func(audit.Event) bool) []audit.Event {
	s.Helper()
	var found []audit.Event
	for _, event := range s.plane.AuditSince(s, s.mark) {
		if event.User.Token() == p.token && event.Stage == "ResponseComplete" && keep(event) {
			found = append(found, event)
		}
	}
	return found
}

// nothingDoubled checks that each ConfigMap of the domain was created by one
// request, and never changed since, under any leader.
func (s *env) nothingDoubled() {
	s.Helper()
	created := map[string]int{}
	for _, event := range s.plane.AuditSince(s, s.mark) {
		ref := event.ObjectRef
		if event.User.Username != testkit.Account || ref == nil || ref.Namespace != s.domain || ref.APIGroup != "" || ref.Resource != "configmaps" || !event.Mutates() {
			continue
		}
		if event.Code() < 300 {
			created[ref.Name]++
		}
	}
	require.NotEmpty(s, created)
	for name, times := range created {
		require.Equal(s, 1, times, "writes of ConfigMap %s", name)
	}
}
