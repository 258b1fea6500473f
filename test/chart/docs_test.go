package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// quotas are the examples of docs/install.md for a tenant's namespaces.
func quotas(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/install.md"))
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(block[1], "kind: ResourceQuota") {
			objects, err := manifests.Read(strings.NewReader(block[1]))
			require.NoError(t, err)
			return objects
		}
	}
	t.Fatal("docs/install.md has no quotas")
	return nil
}

func TestQuotasOfTheDocumentationAreAccepted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	counted := map[string]bool{}
	for _, definition := range deployed(t, "crds/*.yaml") {
		counted["count/"+definition.GetName()] = true
	}
	custom := 0
	for _, o := range quotas(t) {
		o.SetNamespace("default") // theirs are not there
		client, err := e.user.Of(o)
		require.NoError(t, err)
		_, err = client.Create(t.Context(), o, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict})
		require.NoError(t, err, manifests.Describe(o))
		hard, _, err := unstructured.NestedStringMap(o.Object, "spec", "hard")
		require.NoError(t, err, manifests.Describe(o))
		for resource := range hard {
			if strings.HasPrefix(resource, "count/") {
				custom++
				require.True(t, counted[resource], "no definition has what %s counts", resource)
			}
		}
	}
	require.NotZero(t, custom)
}
