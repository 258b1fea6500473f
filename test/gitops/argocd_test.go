package gitops

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// runArgo runs a part of Argo CD, and reads its answer.
func runArgo(t *testing.T, input []byte, answer any, args ...string) {
	t.Helper()
	program, err := argoProgram()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	require.NoError(t, err, "argocd %v: %s", args, stderr.String())
	require.NoError(t, json.Unmarshal(output, answer), "%s", output)
}

// synced is what became of an object when Argo CD synced it.
type synced struct{ Object, Status, Phase, Message string }

// directory has examples of a directory, of these names, as files of their own, and with
// texts in them replaced.
func directory(t *testing.T, pattern string, replace ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range match(t, pattern) {
		text := strings.NewReplacer(replace...).Replace(file.text)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file.name)), []byte(text), 0o600))
	}
	return dir
}

// read reads the objects of a file as they stand.
func read(t *testing.T, path string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := manifests.ReadFiles(path)
	require.NoError(t, err)
	return objects
}

// argoSyncs syncs a directory once, by the options of an example's Application, and
// returns what failed. Objects are named as Argo CD does: group/kind/namespace/name.
func argoSyncs(t *testing.T, application, dir string) map[string]string {
	t.Helper()
	var outcomes []synced
	runArgo(t, nil, &outcomes, "sync", "--kubeconfig="+plane.Shared(t).Kubeconfig(),
		filepath.Join(root, "examples/gitops/argocd", application), filepath.Join(root, argoConfig), dir)
	failed := map[string]string{}
	for _, o := range outcomes {
		if o.Status != "Synced" && o.Status != "Pruned" {
			failed[o.Object] = o.Message
		}
	}
	return failed
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
	const application = "namespace-in-git.yaml"
	names := []string{"bakery", "brewery"} // another test has the bakery
	dir := directory(t, "examples/gitops/namespace-in-git/*.yaml", names...)
	file := filepath.Join(dir, "bakery.yaml")
	history := c.recordOurs(t, "brewery")
	assert.Empty(t, argoSyncs(t, application, dir))
	objects := read(t, file)
	assert.NotContains(t, argoHealth(t, c, objects[1:]), "Progressing", "what is ready is Healthy")

	// An object that is removed is pruned, and nothing of what its controller made counts
	// as the Application's.
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, port, found := strings.Cut(string(text), "---\napiVersion: xos.opencord.org/v1\nkind: ServicePort\n")
	require.True(t, found)
	require.NoError(t, os.WriteFile(file, []byte(before), 0o600))
	assert.Empty(t, argoSyncs(t, application, dir))
	gone(t, c, kind("ServicePort"), "brewery", "http")
	_, err = get(t, c, "apps", "v1", "Deployment", "brewery", "web")
	require.NoError(t, err)

	// It comes back under another name.
	renamed := strings.Replace(string(text), "  name: http\n", "  name: web-http\n", 1)
	require.Contains(t, port, "  name: http\n")
	require.NoError(t, os.WriteFile(file, []byte(renamed), 0o600))
	assert.Empty(t, argoSyncs(t, application, dir))
	objects = read(t, file)
	argoHealth(t, c, objects[1:])
	assert.Empty(t, history.failures(t, c, objects[1:]...))
	c.deleteAll(t, objects)
}

// TestArgoAppliesTwoStepsByTheirWaves shows that a wave ends once the trust domain is
// ready, and not before: the namespace is there for the next one.
func TestArgoAppliesTwoStepsByTheirWaves(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	dir := directory(t, "examples/gitops/two-steps/*/*.yaml", "garage", "hangar")
	assert.Empty(t, argoSyncs(t, "two-steps.yaml", dir))
	objects := read(t, filepath.Join(dir, "garage.yaml"))
	objects = append(objects, read(t, filepath.Join(dir, "workshop.yaml"))...)
	assert.Equal(t, []string{"Healthy", "Healthy", "Healthy"}, argoHealth(t, c, objects))
	c.deleteAll(t, objects)
}

// TestArgoNeedsTheWaves shows why the documentation says so: what Argo CD applies at once
// does not find its namespace. The next try does.
func TestArgoNeedsTheWaves(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	install(t, c)
	dir := directory(t, "examples/gitops/two-steps/*/*.yaml", "garage", "depot", `sync-wave: "-1"`, `sync-wave: "0"`)
	failed := argoSyncs(t, "two-steps.yaml", dir)
	assert.Contains(t, failed["xos.opencord.org/Slice/depot/workshop"], `namespaces "depot" not found`, "%v", failed)
	objects := read(t, filepath.Join(dir, "garage.yaml"))
	c.settled(t, objects[0])
	assert.Empty(t, argoSyncs(t, "two-steps.yaml", dir))
	c.deleteAll(t, append(objects, read(t, filepath.Join(dir, "workshop.yaml"))...))
}
