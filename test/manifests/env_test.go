package manifests

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

type instance = *xosv1.KubernetesResourceInstance

// env is what one test plays on: a trust domain of its own with a principal,
// and an administrator who looks on.
type env struct {
	*testing.T
	domain  string
	kube    kubernetes.Interface
	xos     versioned.Interface
	dynamic dynamic.Interface
	manager *inprocess.Manager
}

// operator is the principal of an environment.
const operator = "operator"

// tenant is an environment whose principal has the rights of the ClusterRole edit in
// its namespace.
func tenant(t *testing.T) *env {
	t.Helper()
	return newEnv(t, sharedManager(t))
}

// administrator is an environment whose principal may do everything everywhere.
func administrator(t *testing.T) *env {
	t.Helper()
	s := tenant(t)
	s.grantAll()
	return s
}

func newEnv(t *testing.T, m *inprocess.Manager) *env {
	t.Helper()
	return newEnvOn(t, m, plane.Shared(t).Config())
}

// newEnvOn is an environment in a cluster, as its administrator sees that.
func newEnvOn(t *testing.T, m *inprocess.Manager, config *rest.Config) *env {
	t.Helper()
	s := &env{
		T: t, domain: "td-" + rand.String(8), manager: m,
		kube:    kubernetes.NewForConfigOrDie(config),
		xos:     versioned.NewForConfigOrDie(config),
		dynamic: dynamic.NewForConfigOrDie(config),
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the manager sent:\n%s", strings.Join(m.Since(0).In(s.domain).Lines(), "\n"))
		}
	})
	domain := &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}
	domain.Spec.AllowedRoles = []string{"edit"}
	domain.Spec.PodSecurity = xosv1.PodSecurityPrivileged // some well-known manifests mount paths of their node
	_, err := s.xos.XosV1().TrustDomains().Create(t.Context(), domain, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		err := s.xos.XosV1().TrustDomains().Delete(context.Background(), s.domain, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("delete TrustDomain %s: %v", s.domain, err)
		}
	})
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		_, err := s.kube.CoreV1().ServiceAccounts(s.domain).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, fmt.Sprint(err)
	})
	_, err = s.xos.XosV1().Principals(s.domain).Create(t.Context(), s.principal(), metav1.CreateOptions{})
	require.NoError(t, err)
	plane.Wait(t, testkit.Timeout, func(ctx context.Context) (bool, string) {
		p, err := s.xos.XosV1().Principals(s.domain).Get(ctx, operator, metav1.GetOptions{})
		return err == nil && meta.IsStatusConditionTrue(p.Status.Conditions, xosv1.ConditionReady), fmt.Sprint(err)
	})
	return s
}

func (s *env) principal() *xosv1.Principal {
	principal := &xosv1.Principal{ObjectMeta: metav1.ObjectMeta{Name: operator}}
	principal.Spec.Roles = []string{"edit"}
	return principal
}

// grantAll binds the principal to cluster-admin.
func (s *env) grantAll() {
	s.Helper()
	s.bind("cluster-admin")
}

// bind binds the principal to a ClusterRole, everywhere, until the test ends.
func (s *env) bind(role string) {
	s.Helper()
	bindings := s.kube.RbacV1().ClusterRoleBindings()
	name := s.domain + "-" + role
	_, err := bindings.Create(s.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.domain, Name: operator}},
	}, metav1.CreateOptions{})
	require.NoError(s, err)
	s.Cleanup(func() { _ = bindings.Delete(context.Background(), name, metav1.DeleteOptions{}) })
}

// fill puts the environment's names into a manifest.
func (s *env) fill(text string) string { return strings.ReplaceAll(text, "$domain", s.domain) }

// apply declares a blob, or another one in its place.
func (s *env) apply(name, blob string, changes ...func(instance)) {
	s.Helper()
	instances := s.xos.XosV1().KubernetesResourceInstances(s.domain)
	set := func(i instance) {
		i.Spec.Principal = operator
		i.Spec.ResourceDefinition = s.fill(blob)
		for _, change := range changes {
			change(i)
		}
	}
	made := &xosv1.KubernetesResourceInstance{ObjectMeta: metav1.ObjectMeta{Name: name}}
	set(made)
	_, err := instances.Create(s.Context(), made, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
			there, err := instances.Get(s.Context(), name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			set(there)
			_, err = instances.Update(s.Context(), there, metav1.UpdateOptions{})
			return err
		})
	}
	require.NoError(s, err)
}

// until waits until a resource instance is as wanted, in a status of its present
// generation.
func (s *env) until(name string, want func(instance) bool) instance {
	s.Helper()
	var found instance
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		i, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		found = i
		return i.Status.ObservedGeneration == i.Generation && want(i), fmt.Sprintf("%s is not as wanted: %s", name, describe(i))
	})
	return found
}

func (s *env) ready(name string) instance {
	s.Helper()
	return s.until(name, func(i instance) bool { return meta.IsStatusConditionTrue(i.Status.Conditions, xosv1.ConditionReady) })
}

// suspended waits until a resource instance reports that it is suspended.
func (s *env) suspended(name string) instance {
	s.Helper()
	return s.until(name, func(i instance) bool {
		return meta.IsStatusConditionTrue(i.Status.Conditions, xosv1.ConditionSuspended)
	})
}

// unready waits until Ready is False for a reason, with these words in its
// message.
func (s *env) unready(name, reason string, words ...string) instance {
	s.Helper()
	return s.until(name, func(i instance) bool {
		c := meta.FindStatusCondition(i.Status.Conditions, xosv1.ConditionReady)
		if c == nil || c.Status != metav1.ConditionFalse || c.Reason != reason {
			return false
		}
		for _, w := range words {
			if !strings.Contains(c.Message, s.fill(w)) {
				return false
			}
		}
		return true
	})
}

// delete deletes a resource instance and waits for its end.
func (s *env) delete(name string) {
	s.Helper()
	s.remove(name)
	s.gone(name)
}

func (s *env) remove(name string) {
	s.Helper()
	err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Delete(s.Context(), name, metav1.DeleteOptions{})
	require.NoError(s, err)
}

func (s *env) gone(name string) {
	s.Helper()
	plane.Wait(s, testkit.Timeout, func(ctx context.Context) (bool, string) {
		i, err := s.xos.XosV1().KubernetesResourceInstances(s.domain).Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), describe(i)
	})
}

func describe(i instance) string {
	var lines []string
	for _, c := range i.Status.Conditions {
		lines = append(lines, fmt.Sprintf("%s=%s (%s) %s", c.Type, c.Status, c.Reason, c.Message))
	}
	for _, e := range i.Status.Inventory {
		lines = append(lines, fmt.Sprintf("%s %s/%s %s %s %s", e.Kind, e.Namespace, e.Name, e.UID, e.Health, e.Message))
	}
	return fmt.Sprintf("generation %d of %d, %s\n%s", i.Status.ObservedGeneration, i.Generation, i.Status.KubectlState, strings.Join(lines, "\n"))
}

// entry is an inventory entry by kind and name; a zero one where there is none.
func entry(i instance, kind, name string) xosv1.InventoryEntry {
	for _, e := range i.Status.Inventory {
		if e.Kind == kind && e.Name == name {
			return e
		}
	}
	return xosv1.InventoryEntry{}
}

// quietPeriod is how long nothing has to happen for nothing more to be expected.
// Progress is reported once a second, of which a loaded machine makes more.
const quietPeriod = 2 * time.Second

// settled waits until the manager has sent nothing for the environment for a while, nor
// waited for an answer, and returns what it sent since the mark, watches left out.
func settled(s *env, m *inprocess.Manager, since transport.Mark) transport.Requests {
	s.Helper()
	return testkit.AwaitQuiet(s, m.Recorder, since, quietPeriod, func(all transport.Requests) transport.Requests { return all.In(s.domain) })
}

// reportsLongList returns whether a request reports that the first list of a kind takes
// long, for which a busy machine has the time.
func reportsLongList(r transport.Request) bool {
	return strings.HasSuffix(r.Resource, "/status") && bytes.Contains(r.Body, []byte("the list of its kind takes long"))
}

// inTime leaves those reports out.
func inTime(sent transport.Requests) transport.Requests {
	return sent.Where(func(r transport.Request) bool { return !reportsLongList(r) })
}

// reader is the Get of any resource.
func (s *env) reader(group, version, plural, namespace string) testkit.Getter[*unstructured.Unstructured] {
	resource := s.dynamic.Resource(schema.GroupVersionResource{Group: group, Version: version, Resource: plural})
	return func(ctx context.Context, name string, opts metav1.GetOptions) (*unstructured.Unstructured, error) {
		return resource.Namespace(namespace).Get(ctx, name, opts)
	}
}

// trackingOn is the tracking annotation of resource instance "blob" on a ConfigMap of its domain.
func (s *env) trackingOn(configMap, uid string) string {
	return "KubernetesResourceInstance/" + s.domain + "/blob/" + uid + "/ConfigMap/" + s.domain + "/" + configMap
}
