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
	"os"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// waitTimeout is far longer than anything takes, a try after the longest backoff of a
	// minute included.
	waitTimeout = 3 * time.Minute
	// quietPeriod is how long nothing has to be sent for nothing more to be expected:
	// counts are gathered for 2 seconds.
	quietPeriod = 3 * time.Second
	// parallelism is how many cases run at once: they wait more than they work.
	parallelism = 12
)

func TestMain(m *testing.M) {
	os.Exit(testkit.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2, AuditLog: true}, parallelism))
}

// sharedManager is the manager of the shared plane, with the rights of the deployed one,
// and the inventory beside it.
func sharedManager(t *testing.T) *inprocess.Manager {
	t.Helper()
	return testkit.SharedManager(t, manager.Options{})
}

// startManager starts one for a test that has a plane to itself.
func startManager(t *testing.T, p *plane.Plane) *inprocess.Manager {
	t.Helper()
	return inprocess.StartParts(t, testkit.DeployedOn(t, p), manager.Options{})
}
