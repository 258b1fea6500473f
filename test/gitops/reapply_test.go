package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// TestALayoutCanBeDeletedAndAppliedAgainAtOnce does so with each layout that works with
// any tool: no object is read as failed at any time, whatever is left of its predecessor.
func TestALayoutCanBeDeletedAndAppliedAgainAtOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	for name, layout := range map[string]struct {
		path string
		// replace has the names of the layout be the test's own.
		replace []string
		// watched are its trust domain and namespaces.
		watched []string
	}{
		"namespace in Git": {"namespace-in-git/bakery.yaml", []string{"bakery", "butchery"}, []string{"butchery"}},
		"objects elsewhere": {"objects-elsewhere/florist.yaml", []string{"florist", "forester"},
			[]string{"forester", "forester-team"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(root, "examples/gitops", layout.path))
			require.NoError(t, err)
			objects, err := manifests.Read(strings.NewReader(strings.NewReplacer(layout.replace...).Replace(string(text))))
			require.NoError(t, err)
			history := c.recordOurs(t, layout.watched...)
			var before map[string]string
			for range 3 {
				for _, object := range objects {
					c.apply(t, object)
				}
				now := uids(t, c, objects)
				for object, uid := range before {
					assert.NotEqual(t, uid, now[object], "%s is another one", object)
				}
				before = now
				c.deleteAll(t, objects)
				assert.Empty(t, history.failures(t, c, objects...))
			}
		})
	}
}

// uids waits until objects are ready, and returns their identities.
func uids(t *testing.T, c *cluster, objects []*unstructured.Unstructured) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, object := range objects {
		found[manifests.Describe(object)] = string(c.settled(t, object).GetUID())
	}
	return found
}
