package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/kubectl"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// play is a case that is being replayed.
type play struct {
	*testing.T
	// dir has the case's files; namespace is that of its trust domain.
	dir, namespace string

	plane   *plane.Plane
	manager *inprocess.Manager
	user    *kubectl.Client
	kube    kubernetes.Interface
}

// newPlay replays a case on the shared plane.
func newPlay(t *testing.T, dir string) *play {
	t.Helper()
	p := playOn(t, plane.Shared(t), dir)
	p.manager = sharedManager(t)
	return p
}

func playOn(t *testing.T, in *plane.Plane, dir string) *play {
	t.Helper()
	user, err := kubectl.New(in.Config())
	require.NoError(t, err)
	p := &play{T: t, dir: dir, namespace: "case-" + dir[:2], plane: in, user: user, kube: kubernetes.NewForConfigOrDie(in.Config())}
	t.Cleanup(func() {
		if p.manager == nil {
			return
		}
		for _, err := range p.manager.Failures() {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the manager sent:\n%s", strings.Join(p.manager.Since(0).In(p.namespace).Lines(), "\n"))
		}
	})
	return p
}

// file are the documents of one of the case's files.
func (p *play) file(name string) []*unstructured.Unstructured {
	p.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", p.dir, name))
	require.NoError(p, err)
	objects, err := manifests.Read(bytes.NewReader(text))
	require.NoError(p, err, name)
	require.NotEmpty(p, objects, name)
	return objects
}

// apply is "kubectl apply -f" of files. What is for the whole cluster or in a namespace
// that stays goes when the test ends.
func (p *play) apply(names ...string) {
	p.Helper()
	for _, name := range names {
		for _, object := range p.file(name) {
			p.retried(func(ctx context.Context) error {
				// That of an earlier run on the same plane may not have ended yet.
				if client, err := p.user.Of(object); err != nil {
					return err
				} else if live, err := client.Get(ctx, object.GetName(), metav1.GetOptions{}); err == nil && live.GetDeletionTimestamp() != nil {
					return apierrors.NewConflict(schema.GroupResource{Resource: object.GetKind()}, object.GetName(), errors.New("it is being deleted"))
				}
				return p.user.Apply(ctx, object)
			})
			if object.GetNamespace() != p.namespace {
				p.Cleanup(func() { p.remove(context.Background(), object) })
			}
		}
	}
}

// retried tries until the command succeeds where a repetition helps: a write
// that met another one, and a kind that is not served yet.
func (p *play) retried(try func(ctx context.Context) error) {
	p.Helper()
	plane.Wait(p, waitTimeout, func(ctx context.Context) (bool, string) {
		err := try(ctx)
		if err == nil || apierrors.IsConflict(err) || meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return err == nil, fmt.Sprint(err)
		}
		require.NoError(p, err)
		return false, ""
	})
}

// delete is "kubectl delete -f" without waiting.
func (p *play) delete(names ...string) {
	p.Helper()
	for _, name := range names {
		for _, object := range p.file(name) {
			p.remove(p.Context(), object)
		}
	}
}

func (p *play) remove(ctx context.Context, o *unstructured.Unstructured) {
	p.Helper()
	client, err := p.user.Of(o)
	if meta.IsNoMatchError(err) {
		return
	}
	require.NoError(p, err)
	background := metav1.DeletePropagationBackground
	if err := client.Delete(ctx, o.GetName(), metav1.DeleteOptions{PropagationPolicy: &background}); !apierrors.IsNotFound(err) {
		require.NoError(p, err)
	}
}

// client is the client of an object's kind, once discovery lists it.
func (p *play) client(o *unstructured.Unstructured) dynamic.ResourceInterface {
	p.Helper()
	var client dynamic.ResourceInterface
	p.until("the kind of "+manifests.Describe(o)+" is served", func(context.Context) (err error) {
		client, err = p.user.Of(o)
		return err
	})
	return client
}

// domain makes the case's trust domain and its principal, and waits for them.
func (p *play) domain() {
	p.Helper()
	// That of an earlier run may not have ended yet.
	p.gone(named("v1", "Namespace", "", p.namespace))
	p.apply("00-domain.yaml")
	p.ready("TrustDomain", p.namespace)
	if _, err := os.Stat(filepath.Join("testdata", p.dir, "01-principal.yaml")); err == nil {
		p.apply("01-principal.yaml")
		p.ready("Principal", "deployer")
	}
	p.until("the namespace has what is in every one", func(ctx context.Context) error {
		if _, err := p.kube.CoreV1().ServiceAccounts(p.namespace).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
		_, err := p.kube.CoreV1().ConfigMaps(p.namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err
	})
}

// until waits until there is nothing to complain about.
func (p *play) until(what string, complain func(ctx context.Context) error) {
	p.Helper()
	plane.Wait(p, waitTimeout, func(ctx context.Context) (bool, string) {
		err := complain(ctx)
		return err == nil, fmt.Sprintf("not yet so that %s: %v", what, err)
	})
}

// established waits until a definition's kind is served.
func (p *play) established(name string) {
	p.Helper()
	resource := p.user.Dynamic.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	p.until(name+" is established", func(ctx context.Context) error {
		crd, err := resource.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
		for _, c := range conditions {
			if c, ok := c.(map[string]any); ok && c["type"] == "Established" && c["status"] == "True" {
				return nil
			}
		}
		return fmt.Errorf("conditions: %v", conditions)
	})
	p.user.Reset()
}

// custom is the client of a kind that the case defines.
func (p *play) custom(group, version, plural string) dynamic.NamespaceableResourceInterface {
	return p.user.Dynamic.Resource(schema.GroupVersionResource{Group: group, Version: version, Resource: plural})
}

// pods are the pods in the case's namespace that are not on their way out, by name.
func (p *play) pods(ctx context.Context) (map[string]corev1.Pod, error) {
	list, err := p.kube.CoreV1().Pods(p.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	found := map[string]corev1.Pod{}
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			found[pod.Name] = pod
		}
	}
	return found, nil
}

func ours(kind, namespace, name string) *unstructured.Unstructured {
	return named(xosv1.SchemeGroupVersion.String(), kind, namespace, name)
}

func named(version, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(version)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// configMap reads a ConfigMap of the case's namespace.
func (p *play) configMap(name string) map[string]string {
	p.Helper()
	found, err := p.kube.CoreV1().ConfigMaps(p.namespace).Get(p.Context(), name, metav1.GetOptions{})
	require.NoError(p, err)
	return found.Data
}

// patch is "kubectl patch --type merge" of an object.
func (p *play) patch(o *unstructured.Unstructured, patch string) {
	p.Helper()
	_, err := p.client(o).Patch(p.Context(), o.GetName(), "application/merge-patch+json", []byte(patch), metav1.PatchOptions{})
	require.NoError(p, err)
}

// consent has a native object say that it may be adopted, as docs/security.md asks for.
func (p *play) consent(o *unstructured.Unstructured) {
	p.Helper()
	p.patch(o, `{"metadata":{"annotations":{"xos.opencord.org/adoptable":"true"}}}`)
}
