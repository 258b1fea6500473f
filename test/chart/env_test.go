package chart

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/kubectl"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// env is an administrator's view of a plane of its own: what is installed is the cluster's.
type env struct {
	*testing.T
	*kubernetes.Clientset
	plane   *plane.Plane
	user    *kubectl.Client
	kubelet *kubelet
}

func newEnv(t *testing.T) *env {
	t.Helper()
	p := plane.Shared(t)
	client, err := kubernetes.NewForConfig(p.Config())
	require.NoError(t, err)
	config := p.Config()
	config.WarningHandler = rest.NoWarnings{} // that resources are deprecated
	user, err := kubectl.New(config)
	require.NoError(t, err)
	user.Namespace = "default"
	return &env{T: t, Clientset: client, plane: p, user: user, kubelet: newKubelet(t, p)}
}

// restricted makes the release's namespace as docs/install.md says. An uninstall leaves it.
func (e *env) restricted() {
	e.Helper()
	_, err := e.CoreV1().Namespaces().Create(e.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		require.NoError(e, err)
	}
}

// helm runs Helm against the plane.
func (e *env) helm(args ...string) (string, error) {
	e.Helper()
	return helm(e.T, append(args, "--kubeconfig="+e.plane.Kubeconfig(), "--namespace="+namespace)...)
}

// does is helm for what has to work.
func (e *env) does(args ...string) string {
	e.Helper()
	begun := time.Now()
	out, err := e.helm(args...)
	e.Logf("helm %s took %v", args[0], time.Since(begun).Round(time.Millisecond))
	require.NoError(e, err)
	return out
}

// apply applies objects as kubectl does.
func (e *env) apply(objects []*unstructured.Unstructured) {
	e.Helper()
	e.user.Reset()
	for _, o := range objects {
		require.NoError(e, e.user.Apply(e.Context(), o), manifests.Describe(o))
	}
}

// current waits until an object is what its spec says.
func (e *env) current(o *unstructured.Unstructured) {
	e.Helper()
	plane.Wait(e.T, timeout, func(ctx context.Context) (bool, string) {
		live, err := e.get(ctx, o)
		if err != nil {
			return false, err.Error()
		}
		result, err := status.Compute(live)
		if err != nil {
			return false, err.Error()
		}
		return result.Status == status.CurrentStatus, fmt.Sprintf("%s is %s: %s", manifests.Describe(o), result.Status, result.Message)
	})
}

func (e *env) get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	client, err := e.user.Of(o)
	if err != nil {
		return nil, err
	}
	return client.Get(ctx, o.GetName(), metav1.GetOptions{})
}

// holds waits until an object has a finalizer.
func (e *env) holds(o *unstructured.Unstructured, finalizer string) {
	e.Helper()
	plane.Wait(e.T, timeout, func(ctx context.Context) (bool, string) {
		live, err := e.get(ctx, o)
		if err != nil {
			return false, err.Error()
		}
		return slices.Contains(live.GetFinalizers(), finalizer), fmt.Sprintf("%s has finalizers %v", manifests.Describe(o), live.GetFinalizers())
	})
}

// hold sets the finalizers of another client on an object, or removes them. It leaves those of
// the manager.
func (e *env) hold(o *unstructured.Unstructured, finalizers ...string) {
	e.Helper()
	client, err := e.user.Of(o)
	require.NoError(e, err)
	require.NoError(e, retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		live, err := client.Get(e.Context(), o.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(live.GetFinalizers(), func(f string) bool { return strings.HasPrefix(f, "example.org/") })
		live.SetFinalizers(append(kept, finalizers...))
		_, err = client.Update(e.Context(), live, metav1.UpdateOptions{})
		return err
	}))
}

// repairs waits until the manager has set right what another client changes.
func (e *env) repairs(o *unstructured.Unstructured) {
	e.Helper()
	client, err := e.user.Of(o)
	require.NoError(e, err)
	_, err = client.Patch(e.Context(), o.GetName(), types.MergePatchType, []byte(`{"data":{"colour":"green"}}`), metav1.PatchOptions{})
	require.NoError(e, err)
	plane.Wait(e.T, timeout, func(ctx context.Context) (bool, string) {
		live, err := client.Get(ctx, o.GetName(), metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		data, _, err := unstructured.NestedStringMap(live.Object, "data")
		return err == nil && data["colour"] == "red", fmt.Sprint(data, err)
	})
}

// remove deletes an object, and waits for its end. Of a namespace, that takes long and is of no
// interest.
func (e *env) remove(o *unstructured.Unstructured) {
	e.Helper()
	client, err := e.user.Of(o)
	require.NoError(e, err)
	require.NoError(e, client.Delete(e.Context(), o.GetName(), metav1.DeleteOptions{}))
	if o.GetKind() != "Namespace" {
		e.gone(o)
	}
}

// gone waits until an object is not there.
func (e *env) gone(o *unstructured.Unstructured) {
	e.Helper()
	plane.Wait(e.T, timeout, func(ctx context.Context) (bool, string) {
		live, err := e.get(ctx, o)
		if err == nil {
			return false, fmt.Sprintf("%s is there, with finalizers %v", manifests.Describe(o), live.GetFinalizers())
		}
		// Of a kind that has no definition any more, nothing is there.
		return apierrors.IsNotFound(err) || meta.IsNoMatchError(err), err.Error()
	})
}
