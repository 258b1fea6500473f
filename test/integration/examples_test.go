package integration

import (
	"context"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// Each example is applied at once, in the order of its file, and has to become
// ready as it stands. (examples/unmanaged.yaml is the pull's.)
func TestTheExamplesBecomeReadyWhenTheyAreAppliedAtOnce(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"demo.yaml", "shop.yaml", "resource.yaml"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := newEnv(t, plane.Shared(t).Config(), sharedManager(t))
			s.home = "default"
			content, err := os.ReadFile("../../examples/" + file)
			require.NoError(t, err)
			objects := documents(t, string(content))
			require.NotEmpty(t, objects)
			for _, object := range objects {
				s.Cleanup(func() { s.forget(object.GetKind(), object.GetName()) })
			}
			s.apply(string(content))
			for _, object := range objects {
				s.ready(object.GetKind(), object.GetName())
			}
		})
	}
}

// The blocks of docs/kinds.md are applied as its reader would, one after the
// other and as they stand. What each makes becomes ready before the next, all of
// it is ready at the end, and no kind is left out.
func TestTheBlocksOfTheKindsPageBecomeReadyOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := newEnv(t, plane.Shared(t).Config(), sharedManager(t))
	content, err := os.ReadFile("../../docs/kinds.md")
	require.NoError(t, err)
	var all []*unstructured.Unstructured
	shown := map[string]bool{}
	for _, block := range yamlBlocks(string(content)) {
		var made []*unstructured.Unstructured
		for document := range strings.SplitSeq(block, "\n---\n") {
			object := s.applyStrictly(document)
			if object.GroupVersionKind().GroupVersion() == xosv1.SchemeGroupVersion {
				shown[object.GetKind()] = true
				made = append(made, object)
			}
		}
		s.allReady(made)
		all = append(all, made...)
	}
	s.allReady(all)
	for kind, object := range scheme.Scheme.KnownTypes(xosv1.SchemeGroupVersion) {
		_, ours := reflect.New(object).Interface().(xosv1.Object)
		if ours && kind != "KubernetesNode" { // which the pull alone creates
			require.True(t, shown[kind], "docs/kinds.md shows no %s", kind)
		}
	}
	// Resources are deleted with the rights of a principal, which has to be there.
	for _, object := range all {
		if object.GetKind() == "KubernetesResourceInstance" {
			s.home = object.GetNamespace()
			s.delete(object.GetKind(), object.GetName())
			testkit.AwaitGone(s, s.xos.XosV1().KubernetesResourceInstances(s.home).Get, object.GetName())
		}
	}
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// yamlBlocks are the blocks of YAML in a page of Markdown.
func yamlBlocks(page string) []string {
	var blocks []string
	for _, found := range yamlBlock.FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// applyStrictly applies a document just as it is written: an unknown field, or
// one that is there twice, is refused. The object goes when the test ends, but
// for the KubernetesService of the plane, which all tests need.
func (s *env) applyStrictly(document string) *unstructured.Unstructured {
	s.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(s, yaml.UnmarshalStrict([]byte(document), &object.Object), "%s", document)
	client, force := s.resource(s, object, ""), true
	_, err := client.Patch(s.Context(), object.GetName(), types.ApplyYAMLPatchType, []byte(document),
		metav1.PatchOptions{FieldManager: "user", Force: &force, FieldValidation: metav1.FieldValidationStrict})
	require.NoError(s, err, "apply\n%s", document)
	if object.GetKind() != "KubernetesService" {
		s.Cleanup(func() { // the test's own context has ended by then
			_ = client.Delete(context.Background(), object.GetName(), metav1.DeleteOptions{})
		})
	}
	return object
}

// allReady waits until each object is ready.
func (s *env) allReady(objects []*unstructured.Unstructured) {
	s.Helper()
	for _, object := range objects {
		s.home = object.GetNamespace()
		s.ready(object.GetKind(), object.GetName())
	}
}
