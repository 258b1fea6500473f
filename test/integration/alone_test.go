package integration

import (
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// aloneScene is a scene for a test that starts and stops managers itself. It has
// no manager yet, and so no trust domain.
func aloneScene(t *testing.T) *scene {
	t.Helper()
	require.Empty(t, testkit.StopShared())
	s := newScene(t, plane.Shared(t).Config(), nil)
	s.home = plane.Namespace(t, plane.Shared(t))
	return s
}

// start starts a manager for the scene.
func (s *scene) startManager() {
	s.Helper()
	s.manager = inprocess.Start(s, testkit.Deployed(s))
}

// launch starts a manager whose caches a test keeps from being filled.
func (s *scene) launch(call transport.Hook) {
	s.Helper()
	s.manager = inprocess.Launch(s, testkit.Deployed(s), call)
}

// restart stops the scene's manager, as a crash would, and starts another.
func (s *scene) restart() {
	s.Helper()
	s.manager.Stop()
	s.startManager()
}
