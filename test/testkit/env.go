// Package testkit is the environment that the suites share: a plane with our kinds,
// the deployed manager's identity on it, one manager for the tests that run in
// parallel, and the waits. A suite's own harness builds on it.
//
// Below it, plane starts control planes; inprocess runs the manager in the test's
// process and program as one of its own; transport records what a manager sends and
// has it fail; kubectl applies objects as people do; golden compares with files.
//
// Nothing of what a test expects may live here.
package testkit

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

const (
	// CRDs is the directory of our kinds, seen from a suite.
	CRDs = "../../crds"
	// Timeout is far longer than anything takes that does not wait for a backoff, the
	// end of a namespace among dozens included: the controller manager's client is
	// slow on purpose.
	Timeout = 2 * time.Minute
	// Account is the manager's user name.
	Account = "system:serviceaccount:xos-system:xos-controller-manager"
)

// Rights are the manifests of the manager's account, of its rights and of the fence
// around it.
func Rights() []string {
	return []string{"../../deploy/access.yaml", "../../deploy/role.yaml", "../../deploy/fence.yaml"}
}

// Main runs the tests of a suite on one plane, so many at once: they wait more than
// they work. Go runs those that don't say t.Parallel first. It returns the exit code.
func Main(m *testing.M, options plane.Options, parallelism int) int {
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(parallelism)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return plane.Main(suite{m}, options)
}

// suite stops the shared manager while its plane is still up.
type suite struct{ *testing.M }

// Run implements plane.Runner.
func (s suite) Run() int {
	code := s.M.Run()
	for _, err := range StopShared() {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// DeployedOn applies further manifests besides Rights, and returns a configuration that
// acts as the deployed manager on a plane.
func DeployedOn(tb testing.TB, p *plane.Plane, further ...string) *rest.Config {
	tb.Helper()
	config, err := inprocess.AsDeployed(tb.Context(), p.Config(), append(Rights(), further...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return config
}

var (
	mu sync.Mutex
	// deployed is nil before it is asked for; undeployable is why it can't be had, so
	// that it is tried once. So it is with the shared manager.
	deployed     *rest.Config
	undeployable error
	shared       *inprocess.Manager
	unstartable  error
)

// Deployed returns a configuration that acts as the deployed manager on the suite's
// plane.
func Deployed(tb testing.TB) *rest.Config {
	tb.Helper()
	p := plane.Shared(tb)
	mu.Lock()
	defer mu.Unlock()
	if deployed == nil && undeployable == nil {
		deployed, undeployable = inprocess.AsDeployed(context.Background(), p.Config(), Rights()...)
	}
	if undeployable != nil {
		tb.Fatal(undeployable)
	}
	return rest.CopyConfig(deployed)
}

// SharedManager returns the manager of the tests that run in parallel. The first one
// that asks says which parts it has.
func SharedManager(tb testing.TB, options manager.Options) *inprocess.Manager {
	tb.Helper()
	config := Deployed(tb)
	mu.Lock()
	defer mu.Unlock()
	if shared == nil && unstartable == nil {
		shared, unstartable = inprocess.Run(config, options)
	}
	if unstartable != nil {
		tb.Fatal(unstartable)
	}
	for _, err := range shared.Failures() {
		tb.Fatal(err)
	}
	return shared
}

// StopShared stops the shared manager, where there is one, and returns its failures;
// the next test that needs one starts another.
func StopShared() []error {
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		return nil
	}
	shared.Stop()
	failures := shared.Failures()
	shared = nil
	return failures
}
