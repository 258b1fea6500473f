// Package manifests puts manifests through KubernetesResourceInstances, on a real
// API server with the rights of the deployed manager: those of well-known
// projects, in testdata, and those of somebody who tries to get at what is not
// theirs.
//
// The tests share one manager and keep apart by namespace. Go runs those that
// don't say t.Parallel first; these may have managers of their own.
package manifests

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
	// patience is far longer than anything takes that does not wait for a
	// backoff.
	patience = 2 * time.Minute
	// parallelism is how many tests run at once: they wait more than they work.
	parallelism = "8"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallelism); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := plane.Main(m, plane.Options{CRDs: crdDir, Nodes: 2})
	if shared != nil {
		shared.Stop()
	}
	os.Exit(code)
}

var (
	mu     sync.Mutex
	shared *inprocess.Manager
	// deployed is the configuration of the deployed manager.
	deployed *rest.Config
)

// identity is the configuration of a manager with the rights of the deployed one.
func identity(t testing.TB) *rest.Config {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if deployed == nil {
		config, err := inprocess.AsDeployed(context.Background(), plane.Shared(t).Config(), "../../deploy/access.yaml", "../../deploy/role.yaml", "../../deploy/fence.yaml")
		require.NoError(t, err)
		deployed = config
	}
	return deployed
}

// sharedManager is the manager of the tests that run in parallel.
func sharedManager(t testing.TB) *inprocess.Manager {
	t.Helper()
	config := identity(t)
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		manager, err := inprocess.Run(config, inprocess.Controllers)
		require.NoError(t, err)
		shared = manager
	}
	require.Empty(t, shared.Failures())
	return shared
}
