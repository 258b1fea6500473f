package gitops

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// argoConfig is what people patch Argo CD's configuration with.
const argoConfig = "deploy/argocd/argocd-cm.yaml"

var argoProgram = sync.OnceValues(func() (string, error) {
	// Not a test's context: the program is for all of them.
	return binaries.ArgoCD.Ensure(context.Background(), os.Stderr)
})

// runArgo runs a part of Argo CD, and reads its answer. A sync that does not end is
// interrupted, and says what it waited for.
func runArgo(t *testing.T, input []byte, answer any, args ...string) {
	t.Helper()
	program, err := argoProgram()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	require.NoError(t, err, "argocd %v, in %v at most: %s", args, waitTimeout, stderr.String())
	require.NoError(t, json.Unmarshal(output, answer), "%s", output)
}

// argoApp is an Application and the directory that it applies.
type argoApp struct{ manifest, dir string }

// argoApplication has an example's Application apply some of the examples, with texts in
// both replaced: two tests that have the same names would prune each other's objects.
func argoApplication(t *testing.T, name, pattern string, replace ...string) argoApp {
	t.Helper()
	replacer := strings.NewReplacer(replace...)
	dir := t.TempDir()
	for _, file := range match(t, pattern) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file.name)), []byte(replacer.Replace(file.text)), 0o600))
	}
	app := argoApp{filepath.Join(t.TempDir(), name), dir}
	text := match(t, "examples/gitops/argocd/"+name)[0].text
	require.NoError(t, os.WriteFile(app.manifest, []byte(replacer.Replace(text)), 0o600))
	return app
}

// read reads the objects of a file of the directory as they stand.
func (a argoApp) read(t *testing.T, name string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := manifests.ReadFiles(filepath.Join(a.dir, name))
	require.NoError(t, err)
	return objects
}

// sync syncs once, and returns the objects that failed, and why. They are named as Argo CD
// does: group/kind/namespace/name.
func (a argoApp) sync(t *testing.T) map[string]string {
	t.Helper()
	var outcome struct {
		Phase, Message string
		Objects        []struct{ Object, Status, Message string }
	}
	runArgo(t, nil, &outcome, "sync", "--kubeconfig="+plane.Shared(t).Kubeconfig(), filepath.Join(root, argoConfig), a.manifest, a.dir)
	failed := map[string]string{}
	for _, o := range outcome.Objects {
		if o.Status != "Synced" && o.Status != "Pruned" {
			failed[o.Object] = o.Message
		}
	}
	want := "Succeeded"
	if len(failed) > 0 {
		want = "Failed"
	}
	require.Equal(t, want, outcome.Phase, outcome.Message)
	return failed
}

// outOfSync are the objects that Argo CD shows as such, and both sides of the difference.
func (a argoApp) outOfSync(t *testing.T) (found []string) {
	t.Helper()
	var differences []struct{ Object, Live, Wanted string }
	runArgo(t, nil, &differences, "diff", "--kubeconfig="+plane.Shared(t).Kubeconfig(), a.manifest, a.dir)
	for _, d := range differences {
		found = append(found, d.Object)
		t.Logf("%s is\n%s\nand is to be\n%s", d.Object, d.Live, d.Wanted)
	}
	return found
}

// argoHealth is what Argo CD shows of objects that are in the cluster.
func argoHealth(t *testing.T, c *cluster, objects []*unstructured.Unstructured) []string {
	t.Helper()
	var live []*unstructured.Unstructured
	for _, object := range objects {
		live = append(live, c.settled(t, object))
	}
	var found []string
	for _, health := range judge(t, live) {
		found = append(found, health.Status)
	}
	return found
}

func TestArgoAppliesANamespaceInGit(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	// Another test has the bakery.
	app := argoApplication(t, "namespace-in-git.yaml", "examples/gitops/namespace-in-git/*.yaml", "bakery", "brewery")
	file := filepath.Join(app.dir, "bakery.yaml")
	history := c.recordOurs(t, "brewery")
	assert.Empty(t, app.sync(t))
	objects := app.read(t, "bakery.yaml")
	assert.Subset(t, []string{"Healthy"}, argoHealth(t, c, objects[1:]), "what is ready is Healthy")
	assert.Empty(t, app.outOfSync(t), "and as it is in Git, without a difference to be ignored")

	// The page says to write out the defaults in lists.
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	short := strings.Replace(string(text), "              protocol: TCP\n", "", 1)
	require.NotEqual(t, string(text), short)
	require.NoError(t, os.WriteFile(file, []byte(short), 0o600))
	assert.Equal(t, []string{"xos.opencord.org/Slice/brewery/web"}, app.outOfSync(t))

	// An object that is removed is pruned, and nothing of what its controller made counts
	// as the Application's.
	before, port, found := strings.Cut(string(text), "---\napiVersion: xos.opencord.org/v1\nkind: ServicePort\n")
	require.True(t, found)
	require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
	assert.Equal(t, []string{"xos.opencord.org/ServicePort/brewery/http"}, app.outOfSync(t))
	assert.Empty(t, app.sync(t))
	gone(t, c, kind("ServicePort"), "brewery", "http")
	assert.Empty(t, app.outOfSync(t))
	_, err = get(t, c, "apps", "v1", "Deployment", "brewery", "web")
	require.NoError(t, err)

	// It comes back under another name.
	renamed := strings.Replace(string(text), "  name: http\n", "  name: web-http\n", 1)
	require.Contains(t, port, "  name: http\n")
	require.NoError(t, os.WriteFile(file, []byte(renamed), 0o600))
	assert.Empty(t, app.sync(t))
	objects = app.read(t, "bakery.yaml")
	argoHealth(t, c, objects[1:])
	assert.Empty(t, history.failures(t, c, objects[1:]...))
	c.deleteAll(t, objects)
	assert.Empty(t, history.failures(t, c, objects...), "the end of all at once is no failure")
}

// TestArgoShowsWhatFails has Argo CD name the object, and what to do about it.
func TestArgoShowsWhatFails(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	// The trust domain does not adopt the namespace that it finds.
	app := argoApplication(t, "namespace-in-git.yaml", "examples/gitops/namespace-in-git/*.yaml", "bakery", "cannery",
		"adopt: IfUnowned", "adopt: Never")
	assert.Empty(t, app.sync(t))
	objects := app.read(t, "bakery.yaml")
	var found health
	plane.Wait(t, waitTimeout, func(ctx context.Context) (bool, string) {
		live, err := c.of(t, objects[1]).Get(ctx, "cannery", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		found = judge(t, []*unstructured.Unstructured{live})[0]
		return found.Status == "Degraded", fmt.Sprint(found)
	})
	assert.Contains(t, found.Message, "Namespace cannery exists")
	assert.Contains(t, found.Message, "spec.adopt to IfUnowned")
	c.deleteAll(t, objects)
}

// TestArgoAppliesTwoStepsByTheirWaves shows that a wave ends once the trust domain is
// ready, and not before: the namespace is there for the next one.
func TestArgoAppliesTwoStepsByTheirWaves(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	app := argoApplication(t, "two-steps.yaml", "examples/gitops/two-steps/*/*.yaml", "garage", "hangar")
	history := c.recordOurs(t, "hangar")
	assert.Empty(t, app.sync(t))
	objects := append(app.read(t, "garage.yaml"), app.read(t, "workshop.yaml")...)
	assert.Equal(t, []string{"Healthy", "Healthy", "Healthy"}, argoHealth(t, c, objects))
	assert.Empty(t, app.outOfSync(t))
	assert.Empty(t, history.failures(t, c, objects...))
	c.deleteAll(t, objects)
	assert.Empty(t, history.failures(t, c, objects...), "the end of all at once is no failure")
}

func TestArgoAppliesObjectsElsewhere(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	app := argoApplication(t, "namespace-in-git.yaml", "examples/gitops/objects-elsewhere/*.yaml", "florist", "grocer", "bakery", "grocer")
	history := c.recordOurs(t, "grocer", "grocer-team")
	assert.Empty(t, app.sync(t))
	objects := app.read(t, "florist.yaml")
	assert.Subset(t, []string{"Healthy"}, argoHealth(t, c, objects[1:]))
	assert.Empty(t, app.outOfSync(t))
	c.deleteAll(t, objects)
	assert.Empty(t, history.failures(t, c, objects...), "the end of all at once is no failure")
}

// TestArgoNeedsTheWaves shows why the documentation says so: what Argo CD applies at once
// is in the order of the names, and does not find its namespace. The next try does.
func TestArgoNeedsTheWaves(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	app := argoApplication(t, "two-steps.yaml", "examples/gitops/two-steps/*/*.yaml", "garage", "yard", `sync-wave: "-1"`, `sync-wave: "0"`)
	failed := app.sync(t)
	assert.Contains(t, failed["xos.opencord.org/Slice/yard/workshop"], `namespaces "yard" not found`, "%v", failed)
	domain := app.read(t, "garage.yaml")
	c.settled(t, domain[0])
	assert.Empty(t, app.sync(t))
	c.deleteAll(t, append(domain, app.read(t, "workshop.yaml")...))
}
