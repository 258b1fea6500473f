package plane

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/hack/plane/launch"
)

func awaitEnd(t *testing.T, pids []int) {
	t.Helper()
	Wait(t, waitTimeout, func(context.Context) (bool, string) {
		left := running(pids)
		return len(left) == 0, fmt.Sprintf("processes %v still run", left)
	})
}

func TestAPlaneSurvivesStopAndKillWithItsData(t *testing.T) {
	t.Parallel()
	p := Fresh(t, Options{KeepData: true})
	host := p.Config().Host
	maps := clientOf(t, p).CoreV1().ConfigMaps("default")
	_, err := maps.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}}, metav1.CreateOptions{})
	require.NoError(t, err)

	second, err := exec.CommandContext(t.Context(), p.Command()[0], p.Command()[1:]...).CombinedOutput()
	require.Error(t, err, "a second plane in the directory has to be refused")
	require.Contains(t, string(second), fmt.Sprintf("in use by a running plane: %s, by process %d", p.Dir, p.Pid()))

	pids := family(t, p.Pid())
	require.Len(t, pids, 5, "the launcher and four components")
	require.NoError(t, p.Kill())
	awaitEnd(t, pids)

	p.Start(t)
	require.Equal(t, host, p.Config().Host, "the address after a restart")
	_, err = maps.Get(t.Context(), "kept", metav1.GetOptions{})
	require.NoError(t, err, "the client from before has to find its object")

	pids = family(t, p.Pid())
	p.Stop(t)
	require.Empty(t, running(pids), "processes left by a stop")
	require.NoFileExists(t, p.Kubeconfig())
	require.NoFileExists(t, p.ReadyFile())
}

func TestAPlaneEndsWithATestProgramThatIsKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = t.Output()
	_, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	var launcher int
	var dir string
	_, err = fmt.Sscan(line, &launcher, &dir)
	require.NoError(t, err)
	defer os.RemoveAll(dir)

	pids := family(t, launcher)
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	awaitEnd(t, pids)
	require.Error(t, cmd.Wait())
	require.NoDirExists(t, dir+"/data", "a plane that was asked to stop takes its data away")
}

func TestAComponentThatFailsIsNamedWithItsLastWords(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	_, err := launch.Start(t.Context(), Options{APIServerFlags: []string{"no-such-flag=1"}}, &said)
	require.ErrorContains(t, err, "did not come up")
	require.Contains(t, said.String(), "kube-apiserver ended unasked (exit status 1); its log is ")
	require.Contains(t, said.String(), "unknown flag: --no-such-flag")
}
