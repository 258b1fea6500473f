package plane

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
)

// The environment that package launch heeds.
const (
	kubeconfigEnv = "XOS_PLANE_KUBECONFIG"
	keepEnv       = "XOS_PLANE_KEEP"
)

func TestAPlaneThatIsUpCanBeUsed(t *testing.T) {
	ours := Shared(t)
	t.Setenv(kubeconfigEnv, ours.Kubeconfig())
	p, stop, err := launch.Open(t.Context(), Options{Kafka: true, AuditLog: true}, t.Output())
	require.NoError(t, err)
	require.Equal(t, ours.Kafka, p.Kafka)
	require.Equal(t, ours.AuditLog, p.AuditLog)

	require.NoError(t, stop())
	_, err = clientOf(t, &Plane{p}).CoreV1().Namespaces().Get(t.Context(), "default", metav1.GetOptions{})
	require.NoError(t, err, "a plane that was up stays up")
}

func TestAPlaneThatLacksWhatTestsNeedIsRefused(t *testing.T) {
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	t.Setenv(kubeconfigEnv, kubeconfig)
	_, _, err := launch.Open(t.Context(), Options{}, t.Output())
	require.ErrorContains(t, err, "use the plane of "+kubeconfigEnv+"="+kubeconfig)

	content, err := json.Marshal(launch.Announcement{Kubeconfig: Shared(t).Kubeconfig()})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ready.json"), content, 0o600))
	_, _, err = launch.Open(t.Context(), Options{Kafka: true}, t.Output())
	require.ErrorContains(t, err, "has no Kafka")
	_, _, err = launch.Open(t.Context(), Options{AuditLog: true}, t.Output())
	require.ErrorContains(t, err, "has no audit log")
}

func TestADirectoryIsKeptWhereThatIsAskedFor(t *testing.T) {
	p := &launch.Plane{Dir: t.TempDir()}
	t.Setenv(keepEnv, "1")
	var said bytes.Buffer
	require.NoError(t, p.Discard(&said))
	require.Contains(t, said.String(), p.Dir)
	require.DirExists(t, p.Dir)

	t.Setenv(keepEnv, "")
	require.NoError(t, p.Discard(&said))
	require.NoDirExists(t, p.Dir)
}

func TestEachCallerHasAConfigurationOfItsOwn(t *testing.T) {
	p := Shared(t)
	p.Config().Host = "elsewhere"
	require.NotEqual(t, "elsewhere", p.Config().Host)
	require.Negative(t, p.Config().QPS)
}
