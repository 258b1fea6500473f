package gitops

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

func TestTheInstallManifestsAreInSync(t *testing.T) {
	c := newCluster(t)
	install(t, c)
	for _, file := range installed(t) {
		t.Run(file.name, func(t *testing.T) {
			c.inSync(t, file, "applied by the client")
			for _, object := range file.documents(t) {
				c.applyOnTheServer(t, object)
			}
			c.inSync(t, file, "taken over by the server's apply")
		})
	}
}

func TestEveryExampleIsInSync(t *testing.T) {
	c := newCluster(t)
	install(t, c)
	for _, file := range examples(t) {
		t.Run(file.name, func(t *testing.T) {
			t.Parallel()
			for _, by := range []string{"the client", "the server"} {
				objects := file.documents(t)
				for _, object := range objects {
					if by == "the client" {
						c.apply(t, object)
					} else {
						c.applyOnTheServer(t, object)
					}
				}
				c.inSync(t, file, "applied by "+by)
				// Syncing once more, as Argo CD does by itself, changes nothing either.
				for _, object := range objects {
					c.applyOnTheServer(t, object)
				}
				c.inSync(t, file, "applied by "+by+" and once more by the server")
				c.remove(t, objects)
			}
		})
	}
}

// inSync asserts that a file's objects are as the file has them, once all is settled.
func (c *cluster) inSync(t *testing.T, f file, how string) {
	t.Helper()
	for _, object := range f.documents(t) {
		c.settled(t, object)
	}
	for _, object := range f.documents(t) {
		live := c.settled(t, object)
		assert.Empty(t, c.differences(t, object, live), "%s, %s: %s", f.name, how, manifests.Describe(object))
	}
}

// TestEachDiffFindsWhatDiffers has the comparison itself be worth something.
func TestEachDiffFindsWhatDiffers(t *testing.T) {
	c := newCluster(t)
	install(t, c)
	slice := func(port string) file {
		return file{"slice", `
apiVersion: xos.opencord.org/v1
kind: Slice
metadata: {name: diffs, namespace: default}
spec:
  suspend: true
  trustDomain: none
  controllerKind: Deployment
  template: {spec: {containers: [{name: main, image: nginx, ports: [` + port + `]}]}}`}
	}
	for name, test := range map[string]struct {
		applied, file file
		// find are the diffs that have to find a difference.
		find []string
	}{
		"the same":                             {slice("{containerPort: 80, protocol: TCP}"), slice("{containerPort: 80, protocol: TCP}"), nil},
		"a default in a list that is left out": {slice("{containerPort: 80}"), slice("{containerPort: 80}"), []string{"three-way", "structured-merge"}},
		"another value":                        {slice("{containerPort: 80, protocol: TCP}"), slice("{containerPort: 80, protocol: TCP, name: http}"), []string{"three-way", "structured-merge", "server-side"}},
		"another item":                         {slice("{containerPort: 80, protocol: TCP}"), slice("{containerPort: 81, protocol: TCP}"), []string{"three-way", "structured-merge", "server-side"}},
	} {
		t.Run(name, func(t *testing.T) {
			applied, wanted := test.applied.documents(t), test.file.documents(t)
			c.apply(t, applied[0])
			live, err := c.of(t, applied[0]).Get(t.Context(), "diffs", metav1.GetOptions{})
			require.NoError(t, err)
			found := c.differences(t, wanted[0], live)
			assert.ElementsMatch(t, test.find, slices.Collect(maps.Keys(found)), "%v", found)
			c.remove(t, applied)
		})
	}
}
