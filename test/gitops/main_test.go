// Package gitops shows that what this repository gives people to apply works with Argo CD
// and Flux: Flux's kustomize-controller runs against the local plane, and Argo CD's engine
// and health checks are called as a program (see hack/flux and hack/argocd). What is applied
// stays in sync, and what changes, ends and comes back is reported as failed at no time.
//
// For the manifests that install the product and for all examples, the comparison is built
// of the libraries that Argo's engine is built of (apimachinery's patches and managedfields,
// structured-merge-diff, a server-side dry run), so that each of its ways to compare is
// tried on each. Nothing is put right before the comparison, as Argo does for the kinds that
// it knows (defaults, quantities, roles that are aggregated): what is in sync here is so for
// other tools too.
package gitops

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// waitTimeout is far longer than anything takes.
	waitTimeout = 2 * time.Minute
	// parallelism is how many tests run at once: they wait more than they work.
	parallelism = 6
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(parallelism)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(plane.Main(suite{m}, plane.Options{Nodes: 2}))
}

// suite stops what the tests share while the plane is still up.
type suite struct{ *testing.M }

// Run implements plane.Runner.
func (s suite) Run() int {
	code := s.M.Run()
	failed := []error{stopFlux()}
	if manager != nil {
		manager.Stop()
		failed = append(failed, manager.Failures()...)
	}
	if err := errors.Join(failed...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

var (
	start   sync.Once
	manager *inprocess.Manager
)

// install applies the kinds and the manager's manifests as Argo CD does, once, and runs
// a manager with the rights that these give. It returns what it applied.
func install(t *testing.T, c *cluster) {
	t.Helper()
	start.Do(func() {
		for _, file := range installed(t) {
			for _, object := range file.documents(t) {
				c.apply(t, object)
			}
			c.served(t, file)
		}
		config, err := inprocess.AsDeployed(context.Background(), plane.Shared(t).Config())
		require.NoError(t, err)
		manager, err = inprocess.Run(config, inprocess.Controllers)
		require.NoError(t, err)
	})
	require.NotNil(t, manager, "the manager did not start for an earlier test")
}
