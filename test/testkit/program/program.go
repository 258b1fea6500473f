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
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"xos.opencord.org/kubernetes-service/hack/child"
	"xos.opencord.org/kubernetes-service/test/testkit/syncbuffer"
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
	*child.Process
	Name string

	log syncbuffer.Buffer
}

// Start runs a program that was built with these flags, besides those that say where
// the API server is, until the test ends.
func Start(tb testing.TB, name, binary string, config *rest.Config, flags ...string) *Process {
	tb.Helper()
	p := &Process{Name: name}
	kubeconfig, err := Kubeconfig(tb.TempDir(), config)
	require.NoError(tb, err)
	p.Process, err = child.Start(binary, append([]string{"--kubeconfig=" + kubeconfig}, flags...), &p.log)
	require.NoError(tb, err)
	tb.Cleanup(p.Kill)
	return p
}

// Kill ends the process, and returns when it has.
func (p *Process) Kill() { _ = p.Process.Kill() } // or it has ended already

// Log is what the process has printed so far.
func (p *Process) Log() string { return p.log.String() }

// Kubeconfig writes a kubeconfig of a client with a token into a directory, and returns its
// path.
func Kubeconfig(dir string, config *rest.Config) (string, error) {
	file := clientcmdapi.NewConfig()
	file.Clusters["plane"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, CertificateAuthority: config.CAFile}
	file.AuthInfos["manager"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	file.Contexts["manager"] = &clientcmdapi.Context{Cluster: "plane", AuthInfo: "manager"}
	file.CurrentContext = "manager"
	path := filepath.Join(dir, "kubeconfig")
	return path, clientcmd.WriteToFile(*file, path)
}
