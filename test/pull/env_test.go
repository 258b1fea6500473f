package pull_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	typedxosv1 "xos.opencord.org/kubernetes-service/generated/clientset/versioned/typed/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// env is a test's namespace on the shared plane, and clients to act in it.
type env struct {
	*testing.T
	plane      *plane.Plane
	namespace  string
	kubernetes kubernetes.Interface
	xos        typedxosv1.XosV1Interface
	// off has the pull switched off at its start.
	off bool
}

func newEnv(t *testing.T) *env {
	t.Helper()
	p := plane.Shared(t)
	native, err := kubernetes.NewForConfig(p.Config())
	require.NoError(t, err)
	custom, err := versioned.NewForConfig(p.Config())
	require.NoError(t, err)
	w := &env{T: t, plane: p, namespace: plane.Namespace(t, p), kubernetes: native, xos: custom.XosV1()}
	// Pods need the namespace's service account, which comes a moment later.
	w.eventually(func(ctx context.Context) error {
		_, err := native.CoreV1().ServiceAccounts(w.namespace).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	return w
}

// eventually tries until a function has nothing to complain about.
func (w *env) eventually(try func(ctx context.Context) error) {
	w.Helper()
	plane.Wait(w.T, testkit.Timeout, func(ctx context.Context) (bool, string) {
		err := try(ctx)
		return err == nil, fmt.Sprint(err)
	})
}

// start runs a pull, which selects the test's namespace alone: tests share the
// plane and its broker's topic. The hooks see its requests.
func (w *env) start(opts pull.Options, hooks ...transport.Hook) *inprocess.Manager {
	w.Helper()
	return w.startParts(manager.Options{Pull: opts, NoControllers: true}, hooks...)
}

// startWhole runs a pull and the controllers beside it.
func (w *env) startWhole(opts pull.Options) *inprocess.Manager {
	w.Helper()
	return w.startParts(manager.Options{Pull: opts})
}

func (w *env) startParts(options manager.Options, hooks ...transport.Hook) *inprocess.Manager {
	w.Helper()
	w.selectOnly(w.namespace)
	return inprocess.StartParts(w, testkit.Deployed(w), options, hooks...)
}

// selectOnly limits the pull to namespaces by a label that only they have.
func (w *env) selectOnly(namespaces ...string) {
	w.Helper()
	for _, name := range namespaces {
		// A namespace that is only on record is open to the manager where an
		// administrator says so; some tests hand over what is in it.
		patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:"true","xos.opencord.org/fence":"open"}}}`, w.label())
		_, err := w.kubernetes.CoreV1().Namespaces().Patch(w.Context(), name, "application/merge-patch+json", patch, metav1.PatchOptions{})
		require.NoError(w, err)
	}
	w.setPull(w.selection())
}

// selection selects the namespaces that selectOnly has labelled.
func (w *env) selection() xosv1.PullSpec {
	return xosv1.PullSpec{Enabled: ptr.To(!w.off), NamespaceSelector: &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: w.label(), Operator: metav1.LabelSelectorOpExists}},
	}}
}

func (w *env) label() string { return "pulled-by-" + w.namespace }

// setPull writes spec.pull of the one KubernetesService, and makes it if need be.
func (w *env) setPull(spec xosv1.PullSpec) {
	w.Helper()
	w.eventually(func(ctx context.Context) error {
		services := w.xos.KubernetesServices()
		service, err := services.Get(ctx, xosv1.DefaultKubernetesService, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			service = &xosv1.KubernetesService{ObjectMeta: metav1.ObjectMeta{Name: xosv1.DefaultKubernetesService}}
			service.Spec.Pull = spec
			_, err = services.Create(ctx, service, metav1.CreateOptions{})
			return err
		}
		if err != nil {
			return err
		}
		service.Spec.Pull = spec
		_, err = services.Update(ctx, service, metav1.UpdateOptions{})
		return err
	})
}

func (w *env) instances() typedxosv1.KubernetesServiceInstanceInterface {
	return w.xos.KubernetesServiceInstances(w.namespace)
}

// instance waits for the instance of a pod to be as a function wants it.
func (w *env) instance(name string, check func(*xosv1.KubernetesServiceInstance) error) *xosv1.KubernetesServiceInstance {
	w.Helper()
	var found *xosv1.KubernetesServiceInstance
	w.eventually(func(ctx context.Context) error {
		i, err := w.instances().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		found = i
		return check(i)
	})
	return found
}

// soleInstance waits until there is exactly one instance, and returns it.
func (w *env) soleInstance(check func(*xosv1.KubernetesServiceInstance) error) *xosv1.KubernetesServiceInstance {
	w.Helper()
	var found *xosv1.KubernetesServiceInstance
	w.eventually(func(ctx context.Context) error {
		list, err := w.instances().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(list.Items) != 1 {
			return fmt.Errorf("%d instances", len(list.Items))
		}
		found = &list.Items[0]
		return check(found)
	})
	return found
}

func running(i *xosv1.KubernetesServiceInstance) error {
	if i.Status.Phase != corev1.PodRunning || i.Status.PodIP == "" || !i.Status.Ready {
		return fmt.Errorf("phase %q, address %q, ready %t", i.Status.Phase, i.Status.PodIP, i.Status.Ready)
	}
	return nil
}

func anything(*xosv1.KubernetesServiceInstance) error { return nil }

// gone waits until an object is not found.
func (w *env) gone(get func(ctx context.Context) error) {
	w.Helper()
	w.eventually(func(ctx context.Context) error {
		err := get(ctx)
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case err == nil:
			return fmt.Errorf("it is still there")
		}
		return err
	})
}

func (w *env) sliceGone(name string) {
	w.Helper()
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.Slices(w.namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

func (w *env) instanceGone(name string) {
	w.Helper()
	w.gone(func(ctx context.Context) error {
		_, err := w.instances().Get(ctx, name, metav1.GetOptions{})
		return err
	})
}
