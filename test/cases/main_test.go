// Package cases replays what users of other systems reported, as each case's case.md in
// testdata has it: its files are applied as they stand, by an administrator with kubectl,
// and its last lines say what has to come of them. "Wait 15 s" is read as "until it is so",
// and "at rest nothing is sent" is asked of the audit log.
//
// Cases have namespaces, node ports and API groups of their own and share a plane and a
// manager. Go runs those that don't say t.Parallel first: these need to have all to
// themselves what the manager knows of kinds.
package cases

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	crdDir = "../../crds"
	// patience is far longer than anything takes, a try after the longest backoff of a
	// minute included.
	patience = 3 * time.Minute
	// calm is how long nothing has to be sent for nothing more to be expected.
	calm = 3 * time.Second
	// parallelism is how many cases run at once: they wait more than they work.
	parallelism = "12"
	// account is the manager's.
	account = "system:serviceaccount:xos-system:xos-controller-manager"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallelism); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := plane.Main(m, plane.Options{CRDs: crdDir, Nodes: 2, AuditLog: true})
	if shared != nil {
		shared.Stop()
	}
	os.Exit(code)
}

var (
	start  sync.Once
	shared *inprocess.Manager
)

// sharedManager is the manager of the shared plane, with the rights of the deployed one,
// and the inventory beside it.
func sharedManager(t *testing.T) *inprocess.Manager {
	t.Helper()
	start.Do(func() { shared = startManager(t, plane.Shared(t)) })
	require.NotNil(t, shared, "the manager did not start for an earlier test")
	return shared
}

func startManager(t *testing.T, p *plane.Plane) *inprocess.Manager {
	t.Helper()
	config, err := inprocess.AsDeployed(context.Background(), p.Config(), "../../deploy/access.yaml", "../../deploy/role.yaml", "../../deploy/fence.yaml")
	require.NoError(t, err)
	m, err := inprocess.Run(config, manager.Options{})
	require.NoError(t, err)
	return m
}
