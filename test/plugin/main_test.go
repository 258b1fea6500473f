// Package plugin runs the commands of "kubectl xos" against a real API server, on which one
// manager is at work. What they make of objects is tested beside them; here is what needs a
// cluster: what they read, with which rights, what they follow, and how they exit.
//
// A test makes a trust domain, whose namespace has its name, and calls a command as main does,
// with the plane's kubeconfig:
//
//	e := newEnv(t)
//	e.apply(`{kind: Slice, metadata: {name: web}, ...}`)
//	out, err := e.run(tree.NewCommand(), "slice/web")
package plugin

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/syncbuffer"
)

func TestMain(m *testing.M) {
	os.Exit(testkit.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2}, 8))
}

// env is a trust domain of a test's own, on the plane of the package.
type env struct {
	*testing.T
	plane  *plane.Plane
	domain string
	user   *manifests.Client
	kube   kubernetes.Interface
	xos    versioned.Interface
}

func newEnv(t *testing.T) *env {
	t.Helper()
	t.Parallel()
	testkit.SharedManager(t, manager.Options{})
	p := plane.Shared(t)
	user, err := manifests.NewClient(p.Config())
	require.NoError(t, err)
	e := &env{
		T: t, plane: p, domain: "plugin-" + rand.String(6), user: user,
		kube: kubernetes.NewForConfigOrDie(p.Config()), xos: versioned.NewForConfigOrDie(p.Config()),
	}
	e.apply("{kind: TrustDomain, metadata: {name: $domain}}")
	t.Cleanup(func() {
		err := e.xos.XosV1().TrustDomains().Delete(context.Background(), e.domain, metav1.DeleteOptions{})
		require.NoError(t, err)
	})
	e.user.Namespace = e.domain
	testkit.Await(t, e.kube.CoreV1().ServiceAccounts(e.domain).Get, "default", nil)
	testkit.Await(t, e.xos.XosV1().TrustDomains().Get, e.domain, ready[*xosv1.TrustDomain])
	return e
}

// apply applies documents of our kinds, in which $domain stands for the test's.
func (e *env) apply(documents string) {
	e.Helper()
	objects, err := manifests.Read(strings.NewReader(strings.ReplaceAll(documents, "$domain", e.domain)))
	require.NoError(e, err)
	for _, o := range objects {
		if o.GetAPIVersion() == "" {
			o.SetAPIVersion(xosv1.SchemeGroupVersion.String())
		}
		require.NoError(e, e.user.Apply(e.Context(), o, "plugin-test"), manifests.Describe(o))
	}
}

// ready returns whether the manager has reached what an object's spec says.
func ready[O xosv1.Object](o O) bool {
	s := o.GetObjectStatus()
	for _, c := range s.Conditions {
		if c.Type == xosv1.ConditionReady {
			return c.Status == metav1.ConditionTrue && s.ObservedGeneration == o.GetGeneration()
		}
	}
	return false
}

// bind gives a user of the test, such as jane, a role in its namespace, and waits until they may
// list resources by that.
func (e *env) bind(user, kind, role string, resources ...string) {
	e.Helper()
	e.apply(fmt.Sprintf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: %[3]s, namespace: $domain}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: %[2]s, name: %[3]s}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: $domain-%[1]s}]`, user, kind, role))
	for _, resource := range resources {
		e.awaitAllowed(e.domain+"-"+user, resource)
	}
}

// awaitAllowed waits until a user may list a resource in the test's namespace.
func (e *env) awaitAllowed(user, resource string) {
	e.Helper()
	of := schema.ParseGroupResource(resource)
	plane.Wait(e.T, testkit.Timeout, func(ctx context.Context) (bool, string) {
		review, err := e.kube.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: e.domain, Verb: "list", Group: of.Group, Resource: of.Resource},
		}}, metav1.CreateOptions{})
		return err == nil && review.Status.Allowed, fmt.Sprintf("%s may not list %s: %v", user, resource, err)
	})
}

// run calls a command in the test's namespace, and returns what it has written to both outputs.
func (e *env) run(cmd *cobra.Command, args ...string) (string, error) {
	e.Helper()
	var out output
	err := e.command(e.Context(), cmd, &out, append([]string{"-n", e.domain}, args...)...)
	return out.String(), err
}

func (e *env) command(ctx context.Context, cmd *cobra.Command, out *output, args ...string) error {
	cmd.SetOut(out)
	cmd.SetErr(out)
	cmd.SetArgs(append([]string{"--kubeconfig", e.plane.Kubeconfig()}, args...))
	return cmd.ExecuteContext(ctx)
}

// output is what a command writes while a test reads it.
type output struct{ syncbuffer.Buffer }

// await waits until the output has a text.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	plane.Wait(t, testkit.Timeout, func(context.Context) (bool, string) {
		shown := o.String()
		return strings.Contains(shown, text), fmt.Sprintf("no %q in %s", text, shown)
	})
}
