// Package pull_test runs the pull against a real control plane, with nodes that
// kwok plays and a Kafka broker in the test's own process.
package pull_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

func TestMain(m *testing.M) {
	os.Exit(plane.Main(m, plane.Options{Nodes: 2, CRDs: "../../crds"}))
}

// identity is the deployed manager's.
var identity = sync.OnceValues(func() (*rest.Config, error) {
	return inprocess.AsDeployed(context.Background(), sharedPlane.Config(), "../../deploy/access.yaml", "../../deploy/role.yaml", "../../deploy/fence.yaml")
})

// sharedPlane is set once, by whichever test comes first.
var (
	findPlane   sync.Once
	sharedPlane *plane.Plane
)

// deployed is a configuration that acts as the deployed manager.
func deployed(t testing.TB) *rest.Config {
	t.Helper()
	findPlane.Do(func() { sharedPlane = plane.Shared(t) })
	config, err := identity()
	require.NoError(t, err)
	return rest.CopyConfig(config)
}
