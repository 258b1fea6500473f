package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// file is a text that a user applies as a whole.
type file struct{ name, text string }

// root is where the repository is.
const root = "../.."

// installed are the files that install the product, in the order of the README.
func installed(t *testing.T) []file {
	t.Helper()
	var files []file
	for _, pattern := range []string{"crds/*.yaml", "deploy/access.yaml", "deploy/[^a]*.yaml", "deploy/constrained-impersonation/*.yaml"} {
		files = append(files, match(t, pattern)...)
	}
	return files
}

// examples are the files of the examples, and the blocks of the page of the kinds, of
// which each builds on those before: they are one file.
func examples(t *testing.T) []file {
	t.Helper()
	files := match(t, "examples/*.yaml")
	page, err := os.ReadFile(filepath.Join(root, "docs/kinds.md"))
	require.NoError(t, err)
	var blocks []string
	for _, block := range yamlBlock.FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, block[1])
	}
	require.NotEmpty(t, blocks)
	return append(files, file{"docs/kinds.md", strings.Join(blocks, "---\n")})
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

func match(t *testing.T, pattern string) []file {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, paths, pattern)
	var files []file
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		name, err := filepath.Rel(root, path)
		require.NoError(t, err)
		files = append(files, file{name, string(text)})
	}
	return files
}

// documents are the objects of a file, tracked as Argo CD tracks them.
func (f file) documents(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	objects, err := manifests.Read(strings.NewReader(f.text))
	require.NoError(t, err, f.name)
	require.NotEmpty(t, objects, f.name)
	for _, object := range objects {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations["argocd.argoproj.io/tracking-id"] = fmt.Sprintf("app:%s:%s/%s", object.GroupVersionKind().GroupKind(), object.GetNamespace(), object.GetName())
		object.SetAnnotations(annotations)
	}
	return objects
}
