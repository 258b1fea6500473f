// Package integration holds the rules of the engine and the behaviour of each
// kind, on a real API server with the rights of the deployed manager.
//
// Tests that run in parallel share one manager and keep apart by namespace; see
// scene. Go runs them after all others, so that a test that does not say
// t.Parallel may have managers of its own, which it stops as it likes; see
// aloneScene.
package integration

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	crdDir = "../../crds"
	// patience is far longer than anything takes, the end of a namespace among
	// dozens included: the controller manager's client is slow on purpose.
	patience = 2 * time.Minute
	// parallelism is how many tests run at once: they wait more than they work.
	parallelism = "8"
)

// rights are the manifests of the manager's account, and of the fence around it.
var rights = []string{"../../deploy/access.yaml", "../../deploy/role.yaml", "../../deploy/fence.yaml"}

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallelism); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := plane.Main(m, plane.Options{CRDs: crdDir, Nodes: 2})
	stopShared()
	os.Exit(code)
}

// identity is the deployed manager's, on the shared plane.
var identity = sync.OnceValues(func() (*rest.Config, error) {
	return inprocess.AsDeployed(context.Background(), sharedPlane.Config(), rights...)
})

var (
	mu          sync.Mutex
	sharedPlane *plane.Plane
	manager     *inprocess.Manager
	// unstartable is why there is no shared manager, so that it is tried once.
	unstartable error
)

// deployed is the configuration of the deployed manager on the shared plane.
func deployed(t testing.TB) *rest.Config {
	t.Helper()
	mu.Lock()
	if sharedPlane == nil {
		sharedPlane = plane.Shared(t)
	}
	mu.Unlock()
	config, err := identity()
	require.NoError(t, err)
	return config
}

// sharedManager is the manager of the tests that run in parallel.
func sharedManager(t testing.TB) *inprocess.Manager {
	t.Helper()
	config := deployed(t)
	mu.Lock()
	defer mu.Unlock()
	if manager == nil && unstartable == nil {
		manager, unstartable = inprocess.Run(config, inprocess.Controllers)
	}
	require.NoError(t, unstartable)
	require.Empty(t, manager.Failures())
	return manager
}

// stopShared stops the shared manager, if there is one; the next test that
// needs one starts another.
func stopShared() {
	mu.Lock()
	defer mu.Unlock()
	if manager != nil {
		manager.Stop()
		manager = nil
	}
}
