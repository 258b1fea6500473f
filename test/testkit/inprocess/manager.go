package inprocess

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/test/testkit/syncbuffer"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// verbosity of the manager's log: all that our own code ever says.
const verbosity = 5

// syncTimeout is far longer than the caches of a test's cluster take to fill.
const syncTimeout = 30 * time.Second

// Manager is a manager at work in this process.
type Manager struct {
	*transport.Recorder
	parts   *manager.Manager
	log     syncbuffer.Buffer
	cancel  context.CancelFunc
	stopped sync.Once

	mu     sync.Mutex
	failed []error
}

// Controllers are the options of most tests: what the pull makes of pods is not
// their subject.
var Controllers = manager.Options{NoPull: true}

// Start runs all controllers until the test ends, or until Stop. It returns once
// their caches are filled.
func Start(t testing.TB, config *rest.Config) *Manager {
	t.Helper()
	m, err := Run(config, Controllers)
	if err != nil {
		t.Fatalf("start the controllers: %v", err)
	}
	m.stopWith(t)
	return m
}

// StartParts is Start for other parts of the manager than the controllers alone. The
// hooks see each request from the first one on.
func StartParts(t testing.TB, config *rest.Config, options manager.Options, hooks ...transport.Hook) *Manager {
	t.Helper()
	m, err := Run(config, options, hooks...)
	if err != nil {
		t.Fatalf("start the manager: %v", err)
	}
	m.stopWith(t)
	return m
}

// Launch is Start for a test of how a manager begins: it does not wait for the
// caches, and the hook sees each request from the first one on.
func Launch(t testing.TB, config *rest.Config, call transport.Hook) *Manager {
	t.Helper()
	m, err := begin(config, Controllers, call)
	if err != nil {
		t.Fatalf("start the controllers: %v", err)
	}
	m.stopWith(t)
	return m
}

// stopWith stops the manager with the test, and has it fail where a controller did.
func (m *Manager) stopWith(t testing.TB) {
	t.Cleanup(func() {
		m.Stop()
		if t.Failed() {
			t.Logf("the log of the controllers:\n%s", m.Log())
		}
		for _, err := range m.Failures() {
			t.Error(err)
		}
	})
}

// Run is Start for a manager that outlives a single test, and that has the parts
// that the options say: its caller stops it.
func Run(config *rest.Config, options manager.Options, hooks ...transport.Hook) (*Manager, error) {
	m, err := begin(config, options, hooks...)
	if err != nil {
		return nil, err
	}
	if err := m.awaitCaches(context.Background()); err != nil {
		m.Stop()
		return nil, err
	}
	return m, nil
}

// begin runs a manager whose requests the hooks see.
func begin(config *rest.Config, options manager.Options, hooks ...transport.Hook) (*Manager, error) {
	m := &Manager{Recorder: transport.NewRecorder(hooks...)}
	config = rest.CopyConfig(config)
	config.Wrap(m.Wrap)
	var err error
	if m.parts, err = manager.New(config, options); err != nil {
		return nil, err
	}
	logger := textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&m.log), textlogger.Verbosity(verbosity)))
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logger))
	m.cancel = cancel
	if err := m.parts.Check(ctx); err != nil {
		m.Stop()
		return nil, err
	}
	if err := m.parts.Start(ctx, m.fails); err != nil {
		m.Stop()
		return nil, err
	}
	return m, nil
}

// fails notes how a part of the manager ended by itself.
func (m *Manager) fails(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failed = append(m.failed, fmt.Errorf("a part of the manager ended by itself: %w", err))
}

func (m *Manager) awaitCaches(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !m.parts.Cluster.HasSynced() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the caches were not full after %v; the log:\n%s", syncTimeout, m.Log())
		case <-tick.C:
		}
	}
	return nil
}

// Stop ends the manager as a crash would: from now on no request leaves it,
// those under way are broken off. It returns when nothing of it runs any more.
func (m *Manager) Stop() {
	m.stopped.Do(func() {
		m.Cut()
		m.cancel()
		m.parts.Wait()
	})
}

// Puller is the manager's pull.
func (m *Manager) Puller() *pull.Puller { return m.parts.Pull }

// Log is what the manager has logged so far.
func (m *Manager) Log() string { return m.log.String() }

// Failures are the errors of controllers that ended by themselves, and the places where
// the manager has disclosed Canary.
func (m *Manager) Failures() []error {
	said := m.said()
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(said, m.failed...)
}
