package gitops

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"

	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// TestThePageShowsTheExamples has each manifest of the page be one of the examples, which
// the other tests apply, and each example be linked to.
func TestThePageShowsTheExamples(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	var known []*unstructured.Unstructured
	base := filepath.Join(root, "examples/gitops")
	require.NoError(t, filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		objects, err := manifests.ReadFiles(path)
		known = append(known, objects...)
		name, _ := filepath.Rel(root, path)
		assert.Contains(t, page, "](../"+filepath.ToSlash(name)+")", "the page does not link to it")
		return err
	}))
	blocks := yamlBlock.FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		shown, err := manifests.Read(strings.NewReader(block[1]))
		require.NoError(t, err, block[1])
		for _, object := range shown {
			assert.Contains(t, known, object, "%s is not in examples/gitops as the page has it", manifests.Describe(object))
		}
	}
}

// TestTheCommandsOfThePage runs them as they stand, where Argo CD has a configuration.
func TestTheCommandsOfThePage(t *testing.T) {
	t.Parallel()
	client, err := kubernetes.NewForConfig(plane.Shared(t).Config())
	require.NoError(t, err)
	_, err = client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "argocd"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = client.CoreV1().ConfigMaps("argocd").Create(t.Context(),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm"}, Data: map[string]string{"url": "https://argocd.example.com"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	programs, err := binaries.Ensure(t.Context(), os.Stderr)
	require.NoError(t, err)
	commands := shBlock.FindAllStringSubmatch(readPage(t), -1)
	require.NotEmpty(t, commands)
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	for _, command := range commands {
		words := strings.Fields(command[1])
		require.Equal(t, "kubectl", words[0])
		cmd := exec.CommandContext(ctx, programs.Localplane, words...)
		cmd.Dir = root
		// kubectl keeps what it discovers in the home directory; a test has its own.
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "KUBECONFIG="+plane.Shared(t).Kubeconfig())
		output, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", command[1], output)
	}
	config, err := client.CoreV1().ConfigMaps("argocd").Get(t.Context(), "argocd-cm", metav1.GetOptions{})
	require.NoError(t, err)
	assert.Equal(t, "https://argocd.example.com", config.Data["url"], "what else is configured stays")
	for _, kind := range ourKinds(t) {
		assert.Contains(t, config.Data, "resource.customizations.health.xos.opencord.org_"+kind)
	}
}

// TestTheChartShipsTheSameHealthCheck has those without this repository find it too.
func TestTheChartShipsTheSameHealthCheck(t *testing.T) {
	t.Parallel()
	const shipped = "charts/xos-kubernetes-service/files/argocd-cm.yaml"
	assert.Equal(t, match(t, argoConfig)[0].text, match(t, shipped)[0].text, "make generate copies it")
	assert.Contains(t, match(t, "docs/install.md")[0].text, "--patch-file "+shipped+"\n")
}

var shBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs/gitops.md"))
	require.NoError(t, err)
	return string(page)
}
