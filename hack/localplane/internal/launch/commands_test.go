package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"

	"xos.opencord.org/kubernetes-service/hack/localplane/internal/ports"
)

func planeIn(t *testing.T, options Options) *Plane {
	t.Helper()
	path := t.TempDir()
	d := &dir{path: path}
	require.NoError(t, d.prepare(false))
	a, err := pickAddresses(t.Context(), d.ports())
	require.NoError(t, err)
	ids, err := issueIdentities(d.pki(), a)
	require.NoError(t, err)
	return &Plane{options: options, dir: d, addresses: a, ids: ids}
}

func TestEachComponentListensOnLoopbackOnly(t *testing.T) {
	p := planeIn(t, Options{})
	for name, args := range map[string][]string{
		apiServer: p.apiServerArgs(), controllerManager: p.controllerManagerArgs(), scheduler: p.schedulerArgs(),
	} {
		require.Contains(t, args, "--bind-address=127.0.0.1", name)
	}
	for _, arg := range p.etcdArgs() {
		if strings.Contains(arg, "-urls=") {
			require.Contains(t, arg, "=https://127.0.0.1:")
		}
	}
	require.Contains(t, p.kwokArgs(), "--node-port=0")
}

func TestFlagsOfTheCallerComeLastAndWithTwoDashes(t *testing.T) {
	p := planeIn(t, Options{APIServerFlags: []string{"v=4", "--profiling=false"}})
	args := p.apiServerArgs()
	require.Equal(t, []string{"--v=4", "--profiling=false"}, args[len(args)-2:])
}

func TestTheAuditLogIsWrittenOnlyWhereItIsAskedFor(t *testing.T) {
	require.NotContains(t, strings.Join(planeIn(t, Options{}).apiServerArgs(), " "), "--audit")
	require.Contains(t, planeIn(t, Options{AuditLog: "/tmp/a.log"}).apiServerArgs(), "--audit-log-path=/tmp/a.log")
}

func TestComponentsAreTakenFromTheAssetsDirectory(t *testing.T) {
	assets := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(assets, etcd), nil, 0o700))
	p := planeIn(t, Options{Self: "/bin/localplane", Kwok: "/bin/kwok", Assets: assets})

	spec := p.spec(etcd, []string{"--x"})
	require.Equal(t, filepath.Join(assets, etcd), spec.Path)
	require.Equal(t, []string{"--x"}, spec.Args)
	spec = p.spec(apiServer, []string{"--x"})
	require.Equal(t, "/bin/localplane", spec.Path)
	require.Equal(t, []string{apiServer, "--x"}, spec.Args)
	spec = p.spec(kwok, []string{"--x"})
	require.Equal(t, "/bin/kwok", spec.Path)
	require.Equal(t, []string{"--x"}, spec.Args)
}

func TestKubeconfigsCanBeCopiedAnywhere(t *testing.T) {
	p := planeIn(t, Options{})
	config, err := clientcmd.BuildConfigFromFlags("", p.ids.admin.kubeconfig)
	require.NoError(t, err)
	require.Equal(t, "https://"+ports.Address(p.addresses.APIServer), config.Host)
	require.NotEmpty(t, config.CAData)
	require.NotEmpty(t, config.CertData)
	require.NotEmpty(t, config.KeyData)
	require.Empty(t, config.BearerToken)
	require.Empty(t, config.CAFile+config.CertFile+config.KeyFile, "no file beside it is needed")
}
