// Package manifests puts manifests through KubernetesResourceInstances, on a real
// API server with the rights of the deployed manager: those of well-known
// projects, in testdata, and those of a tenant that tries to reach the objects of
// others.
//
// The tests share one manager and keep apart by namespace. Go runs those that
// don't say t.Parallel first; these may have managers of their own.
package manifests

import (
	"os"
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

// sharedManager is the manager of the tests that run in parallel.
func sharedManager(t testing.TB) *inprocess.Manager {
	t.Helper()
	return testkit.SharedManager(t, inprocess.Controllers)
}
