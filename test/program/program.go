// Package program runs the manager as it is deployed: as a process of its own, which
// can be frozen and killed.
//
// Only what runs the program may live here, nothing of what a test expects of it.
package program

import (
	"context"
	"errors"
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

	"xos.opencord.org/kubernetes-service/test/plane"
)

const source = "xos.opencord.org/kubernetes-service/cmd/xos-controller-manager"

// Build builds the program into a directory and returns its path.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "xos-controller-manager")
	if out, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, source).CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return binary, nil
}

// Process is the program at work.
type Process struct {
	Name string
	// Done is closed when the process has ended; Ended is when that was.
	Done  chan struct{}
	Ended time.Time

	cmd *exec.Cmd
	log log
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

// Start runs a program that was built with these flags, besides those that say where
// the API server is, until the test ends.
func Start(tb testing.TB, name, binary string, config *rest.Config, flags ...string) *Process {
	tb.Helper()
	p := &Process{Name: name, Done: make(chan struct{})}
	flags = append([]string{"--kubeconfig=" + kubeconfig(tb, config)}, flags...)
	p.cmd = exec.CommandContext(context.WithoutCancel(tb.Context()), binary, flags...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(tb, plane.Spawn(p.cmd))
	go func() {
		defer close(p.Done)
		_ = p.cmd.Wait() // how it ended is asked of ExitCode
		p.Ended = time.Now()
	}()
	tb.Cleanup(p.Kill)
	return p
}

// Signal sends a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Kill ends the process, and returns when it has.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // or it has ended already
	<-p.Done
}

// ExitCode is that of a process that has ended.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Log is what the process has said so far.
func (p *Process) Log() string { return p.log.String() }

func kubeconfig(tb testing.TB, config *rest.Config) string {
	tb.Helper()
	file := clientcmdapi.NewConfig()
	file.Clusters["plane"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, CertificateAuthority: config.CAFile}
	file.AuthInfos["manager"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	file.Contexts["manager"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "manager"}
	file.CurrentContext = "manager"
	path := filepath.Join(tb.TempDir(), "kubeconfig")
	require.NoError(tb, clientcmd.WriteToFile(*file, path))
	return path
}
