package integration

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
)

// user is a client that writes manifests: an administrator with kubectl.
type user struct{ *manifests.Client }

func newUser(t testing.TB, config *rest.Config) *user {
	t.Helper()
	client, err := manifests.NewClient(config)
	require.NoError(t, err)
	return &user{client}
}

// users keeps one user for each API server, since discovery takes its time.
var users sync.Map

func userOf(t testing.TB, config *rest.Config) *user {
	t.Helper()
	if known, ok := users.Load(config.Host); ok {
		return known.(*user)
	}
	made, _ := users.LoadOrStore(config.Host, newUser(t, config))
	return made.(*user)
}

// resource is the client for an object's kind. Manifests need not say the group
// of our kinds, nor, where a test gives one, the namespace.
func (u *user) resource(t testing.TB, object *unstructured.Unstructured, namespace string) dynamic.ResourceInterface {
	t.Helper()
	if object.GetAPIVersion() == "" {
		object.SetAPIVersion(xosv1.SchemeGroupVersion.String())
	}
	mapping, err := u.Mapping(object.GroupVersionKind())
	require.NoError(t, err)
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return u.Dynamic.Resource(mapping.Resource)
	}
	if object.GetNamespace() == "" {
		object.SetNamespace(namespace)
	}
	return u.Dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace())
}

// apply applies the documents of a manifest, as "kubectl apply --server-side"
// does: what an earlier manifest said and this one does not say is removed.
func (u *user) apply(t testing.TB, manifest, namespace string) {
	t.Helper()
	for _, object := range documents(t, manifest) {
		hideCanary(t, object)
		_, err := u.resource(t, object, namespace).Apply(t.Context(), object.GetName(), object,
			metav1.ApplyOptions{FieldManager: "user", Force: true})
		require.NoError(t, err, "apply %s %s", object.GetKind(), object.GetName())
	}
}

// hideCanary puts a value that no manager may disclose into the environment of each
// container of a slice or an instance.
func hideCanary(t testing.TB, object *unstructured.Unstructured) {
	t.Helper()
	path := []string{"spec", "template", "spec", "containers"}
	containers, found, err := unstructured.NestedSlice(object.Object, path...)
	if err != nil || !found || (object.GetKind() != "Slice" && object.GetKind() != "KubernetesServiceInstance") {
		return // it is not what this test is about, or is meant to be wrong
	}
	for _, c := range containers {
		if container, ok := c.(map[string]any); ok {
			env, _, _ := unstructured.NestedSlice(container, "env")
			container["env"] = append(env, map[string]any{"name": "CANARY", "value": inprocess.Canary})
		}
	}
	require.NoError(t, unstructured.SetNestedSlice(object.Object, containers, path...))
}

// ours is one of our kinds, by its name alone.
func ours(kind, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(kind))
	object.SetName(name)
	return object
}

// get reads one of our objects.
func (u *user) get(ctx context.Context, t testing.TB, namespace, kind, name string) (*unstructured.Unstructured, error) {
	t.Helper()
	return u.resource(t, ours(kind, name), namespace).Get(ctx, name, metav1.GetOptions{})
}

// delete deletes one of our objects, in the background as kubectl does.
func (u *user) delete(t testing.TB, namespace, kind, name string) {
	t.Helper()
	require.NoError(t, u.remove(t.Context(), t, namespace, kind, name))
}

// remove is delete for cleaning up: what is gone already is no failure.
func (u *user) remove(ctx context.Context, t testing.TB, namespace, kind, name string) error {
	t.Helper()
	err := u.resource(t, ours(kind, name), namespace).Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func documents(t testing.TB, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := manifests.Read(strings.NewReader(text))
	require.NoError(t, err, "read the manifest")
	return objects
}

// resourceOf names a resource of ours for the dynamic client.
func resourceOf(plural string) schema.GroupVersionResource {
	return xosv1.SchemeGroupVersion.WithResource(plural)
}
