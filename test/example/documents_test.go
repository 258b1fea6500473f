package example

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// pages are the documents whose manifests are applied, in the order in which they build on each
// other. (docs/kinds.md is test/integration's.)
var pages = []string{"docs/getting-started.md", "docs/operations.md", "docs/migration-from-xos.md"}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// TestTheManifestsOfTheDocumentsBecomeReady applies each block as its reader would, one after the
// other and as it stands.
func TestTheManifestsOfTheDocumentsBecomeReady(t *testing.T) {
	s := newEnv(t)
	for _, page := range pages {
		blocks := yamlBlock.FindAllStringSubmatch(s.page(page), -1)
		require.NotEmpty(t, blocks, page)
		for _, block := range blocks {
			objects, err := manifests.Read(strings.NewReader(block[1]))
			require.NoError(t, err, "%s:\n%s", page, block[1])
			for _, object := range objects {
				s.applyStrictly(page, object)
			}
			for _, object := range objects {
				s.awaitReady(page, object)
			}
		}
	}
}

// applyStrictly applies an object as it is written: a field that is unknown, or there twice, is
// refused.
func (s *env) applyStrictly(page string, object *unstructured.Unstructured) {
	s.Helper()
	client, err := s.user.Of(object)
	require.NoError(s, err, page)
	text, err := json.Marshal(object)
	require.NoError(s, err)
	_, err = client.Patch(s.Context(), object.GetName(), types.ApplyPatchType, text,
		metav1.PatchOptions{FieldManager: "user", FieldValidation: metav1.FieldValidationStrict})
	require.NoError(s, err, "%s: %s", page, manifests.Describe(object))
	s.Cleanup(func() { // the test's own context has ended by then
		_ = client.Delete(context.Background(), object.GetName(), metav1.DeleteOptions{})
	})
}
