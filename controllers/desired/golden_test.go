package desired_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// domain is the namespace of the trust domain in all cases.
const domain = "shop"

type function struct {
	native func() any
	make   func(*testing.T, objects) any
}

// functions are the functions under test, by the directory of their cases. Each
// makes out of a file's objects what should be there, and says of what type that
// is in the native API.
var functions = map[string]function{
	"namespace": {
		func() any { return &corev1.Namespace{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			return desired.Namespace(the[*xosv1.TrustDomain](t, in))
		},
	},
	"serviceaccount": {
		func() any { return &corev1.ServiceAccount{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			return desired.ServiceAccount(the[*xosv1.Principal](t, in), domain)
		},
	},
	"rolebinding": {
		func() any { return &rbacv1.RoleBinding{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			principal := the[*xosv1.Principal](t, in)
			require.Len(t, principal.Spec.Roles, 1)
			return desired.RoleBinding(principal, domain, principal.Spec.Roles[0])
		},
	},
	"configmap": {
		func() any { return &corev1.ConfigMap{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			return desired.ConfigMap(the[*xosv1.KubernetesConfigMap](t, in), domain)
		},
	},
	"secret": {
		func() any { return &corev1.Secret{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			sources := map[string]map[string][]byte{}
			for _, source := range every[*corev1.Secret](in) {
				sources[source.Name] = source.Data
			}
			return desired.Secret(the[*xosv1.KubernetesSecret](t, in), domain, sources)
		},
	},
	"pod": {
		func() any { return &corev1.Pod{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			pod, err := desired.Pod(instanceInput(t, in))
			require.NoError(t, err)
			return pod
		},
	},
	"service": {
		func() any { return &corev1.ServiceList{} },
		func(t *testing.T, in objects) any {
			t.Helper()
			service := the[*xosv1.Service](t, in)
			var items []any
			for _, native := range desired.Services(desired.ServiceInput{
				Service: service, Namespace: domain, Selector: desired.ServiceSelector(service), Ports: every[*xosv1.ServicePort](in),
			}) {
				items = append(items, native.Configuration)
			}
			return map[string]any{"items": items}
		},
	},
	"deployment":  workload[appsv1.Deployment](desired.Deployment),
	"statefulset": workload[appsv1.StatefulSet](desired.StatefulSet),
	"daemonset":   workload[appsv1.DaemonSet](desired.DaemonSet),
	"replicaset":  workload[appsv1.ReplicaSet](desired.ReplicaSet),
	"job":         workload[batchv1.Job](desired.Job),
	"cronjob":     workload[batchv1.CronJob](desired.CronJob),
}

// workload is the function that makes a slice's controller of one kind.
func workload[O, A any](make func(desired.SliceInput) (A, error)) function {
	return function{
		func() any { return new(O) },
		func(t *testing.T, in objects) any {
			t.Helper()
			controller, err := make(desired.SliceInput{Slice: the[*xosv1.Slice](t, in), Namespace: domain, Mounts: mounts(in)})
			require.NoError(t, err)
			return controller
		},
	}
}

// instanceInput resolves an instance's references within a file.
func instanceInput(t *testing.T, in objects) desired.InstanceInput {
	t.Helper()
	instance := the[*xosv1.KubernetesServiceInstance](t, in)
	input := desired.InstanceInput{Instance: instance, Namespace: domain, Image: instance.Spec.ImageReference}
	for _, slice := range every[*xosv1.Slice](in) {
		input.Slice = slice
	}
	for _, image := range every[*xosv1.Image](in) {
		input.Image = desired.ImageReference(image)
	}
	input.Mounts = mounts(in)
	return input
}

// mounts are the mounts of a file.
func mounts(in objects) []desired.Mount {
	var all []desired.Mount
	for _, mount := range every[*xosv1.KubernetesSecretVolumeMount](in) {
		all = append(all, desired.SecretMount(mount))
	}
	for _, mount := range every[*xosv1.KubernetesConfigVolumeMount](in) {
		all = append(all, desired.ConfigMount(mount))
	}
	return all
}

// TestGoldenFiles holds each function to its cases: the custom resources of
// testdata/<function>/<case>.yaml become <case>.golden.yaml.
func TestGoldenFiles(t *testing.T) {
	for name, function := range functions {
		golden.Cases(t, filepath.Join("testdata", name), ".yaml", func(t *testing.T, input []byte) []byte {
			t.Helper()
			got, err := sigsyaml.Marshal(function.make(t, read(t, input)))
			require.NoError(t, err)
			assert.NoError(t, sigsyaml.UnmarshalStrict(got, function.native()), "the native API knows no such object")
			return got
		})
	}
}

// objects are what a file describes.
type objects []runtime.Object

func read(t *testing.T, data []byte) objects {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, errors.Join(xosv1.AddToScheme(scheme), corev1.AddToScheme(scheme)))
	var all objects
	for documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(data))); ; {
		document := make([]byte, len(data))
		n, err := documents.Read(document)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		var kind runtime.TypeMeta
		require.NoError(t, sigsyaml.Unmarshal(document[:n], &kind))
		object, err := scheme.New(kind.GroupVersionKind())
		require.NoError(t, err)
		require.NoError(t, sigsyaml.UnmarshalStrict(document[:n], object))
		all = append(all, object)
	}
}

// every returns the objects of one type.
func every[T runtime.Object](in objects) []T {
	var found []T
	for _, o := range in {
		if object, ok := o.(T); ok {
			found = append(found, object)
		}
	}
	return found
}

// the returns the one object of a type.
func the[T runtime.Object](t *testing.T, in objects) T {
	t.Helper()
	found := every[T](in)
	require.Len(t, found, 1)
	return found[0]
}
