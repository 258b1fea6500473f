package integration

import (
	"testing"

	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// aloneScene is a scene for a test that starts and stops managers itself. It has
// no manager yet, and so no trust domain.
func aloneScene(t *testing.T) *scene {
	t.Helper()
	stopShared()
	s := newScene(t, plane.Shared(t).Config(), nil)
	s.home = plane.Namespace(t, plane.Shared(t))
	return s
}

// start starts a manager for the scene.
func (s *scene) startManager() {
	s.Helper()
	s.manager = inprocess.Start(s, deployed(s))
}

// launch starts a manager whose caches a test keeps from being filled.
func (s *scene) launch(call inprocess.Hook) {
	s.Helper()
	s.manager = inprocess.Launch(s, deployed(s), call)
}

// restart stops the scene's manager, as a crash would, and starts another.
func (s *scene) restart() {
	s.Helper()
	s.manager.Stop()
	s.startManager()
}
