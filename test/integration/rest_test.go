package integration

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// restPeriod is how long nothing may be sent once all is in place.
const restPeriod = time.Minute

// It has a plane of its own, on which no other client does anything.
func TestAtRestNothingIsSentButLeasesAndWatches(t *testing.T) {
	t.Parallel()
	p := plane.Fresh(t, plane.Options{CRDs: testkit.CRDs, Nodes: 2})
	s := newEnv(t, p.Config(), inprocess.Start(t, testkit.DeployedOn(t, p)))
	s.home = plane.Namespace(t, p)
	s.addDomain("All")
	s.apply(sources + "---" + slicedWeb + "---" + configMount + "---" + secretMount)
	s.ready("KubernetesServiceInstance", "web")
	s.settled(0)

	mark, begun := s.manager.Mark(), time.Now()
	plane.Wait(t, restPeriod+testkit.Timeout, func(context.Context) (bool, string) {
		require.Empty(t, s.manager.Since(mark).Foreground().Lines())
		return time.Since(begun) > restPeriod, "at rest"
	})
}
