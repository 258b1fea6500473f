// Package integration holds the rules of the engine and the behaviour of each
// kind, on a real API server with the rights of the deployed manager.
//
// Tests that run in parallel share one manager and keep apart by namespace; see
// env. Go runs them after all others, so that a test that does not say
// t.Parallel may have managers of its own, which it stops as it likes; see
// aloneEnv.
package integration

import (
	"os"
	"sync"
	"testing"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// parallelism is how many tests run at once.
const parallelism = 8

func TestMain(m *testing.M) {
	os.Exit(testkit.Main(m, plane.Options{CRDs: testkit.CRDs, Nodes: 2}, parallelism))
}

// mu guards what hooks share with their tests.
var mu sync.Mutex

// sharedManager is the manager of the tests that run in parallel.
func sharedManager(t testing.TB) *inprocess.Manager {
	t.Helper()
	return testkit.SharedManager(t, inprocess.Controllers)
}
