package manager

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/program"
)

// process is the program at work.
type process struct {
	*program.Process
	// probes is the address of its /healthz.
	probes string
	// token is the ID of the token that it shows: the audit log distinguishes processes of
	// one account by it.
	token string
}

// start runs the program as the deployed ServiceAccount against an address of the
// API server, until the test ends.
func start(t *testing.T, name, server string) *process {
	t.Helper()
	config := testkit.DeployedOn(t, plane.Shared(t))
	config.Host = server
	p := &process{probes: freeAddress(t), token: tokenID(t, config.BearerToken)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of %s:\n%s", p.Name, p.Log())
		}
	})
	p.Process = program.Start(t, name, binary, config, "--health-probe-bind-address="+p.probes, "--metrics-bind-address=0")
	return p
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, p.Signal(s))
}

// exits waits for the end of the process, and returns its exit code.
func (p *process) exits(t *testing.T) int {
	t.Helper()
	select {
	case <-p.Done:
		return p.ExitCode()
	case <-time.After(waitTimeout):
		t.Fatalf("%s still runs after %v", p.Name, waitTimeout)
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
