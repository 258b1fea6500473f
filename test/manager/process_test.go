package manager

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"xos.opencord.org/kubernetes-service/test/inprocess"
	"xos.opencord.org/kubernetes-service/test/plane"
)

// process is the program at work.
type process struct {
	name string
	cmd  *exec.Cmd
	log  log
	// probes is the address of its /healthz.
	probes string
	// token is the ID of the token that it shows: the audit log tells processes of
	// one account apart by it.
	token string
	done  chan struct{}
	ended time.Time
}

// log is what a process says.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs the program as the deployed ServiceAccount against an address of the
// API server, until the test ends.
func start(t *testing.T, name, server string) *process {
	t.Helper()
	config, err := inprocess.AsDeployed(t.Context(), plane.Shared(t).Config(), rights...)
	require.NoError(t, err)
	config.Host = server
	p := &process{name: name, probes: freeAddress(t), token: tokenID(t, config.BearerToken), done: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), binary,
		"--kubeconfig="+kubeconfig(t, config), "--health-probe-bind-address="+p.probes, "--metrics-bind-address=0")
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(t, plane.Spawn(p.cmd))
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended is asked of cmd.ProcessState
		p.ended = time.Now()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Logf("the log of %s:\n%s", p.name, p.log.String())
		}
	})
	return p
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(s))
}

// exits waits for the end of the process, and returns its exit code.
func (p *process) exits(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("%s still runs after %v", p.name, patience)
		return 0
	}
}

// health asks for /healthz; 0 where nothing answers.
func (p *process) health(ctx context.Context) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.probes+"/healthz", nil)
	if err != nil {
		return 0
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func kubeconfig(t *testing.T, config *rest.Config) string {
	t.Helper()
	file := clientcmdapi.NewConfig()
	file.Clusters["plane"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, CertificateAuthority: config.CAFile}
	file.AuthInfos["manager"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	file.Contexts["manager"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "manager"}
	file.CurrentContext = "manager"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*file, path))
	return path
}

// tokenID is the ID in a token of a ServiceAccount.
func tokenID(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims struct {
		ID string `json:"jti"`
	}
	require.NoError(t, json.Unmarshal(raw, &claims))
	return claims.ID
}
