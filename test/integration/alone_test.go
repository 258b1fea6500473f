package integration

import (
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// aloneEnv is an environment for a test that starts and stops managers itself. It has
// no manager yet, and so no trust domain.
func aloneEnv(t *testing.T) *env {
	t.Helper()
	require.Empty(t, testkit.StopShared())
	s := newEnv(t, plane.Shared(t).Config(), nil)
	s.home = plane.Namespace(t, plane.Shared(t))
	return s
}

// start starts a manager for the environment.
func (s *env) startManager() {
	s.Helper()
	s.manager = inprocess.Start(s, testkit.Deployed(s))
}

// launch starts a manager whose caches a test keeps from being filled.
func (s *env) launch(call transport.Hook) {
	s.Helper()
	s.manager = inprocess.Launch(s, testkit.Deployed(s), call)
}

// restart stops the environment's manager, as a crash would, and starts another.
func (s *env) restart() {
	s.Helper()
	s.manager.Stop()
	s.startManager()
}
