package inprocess

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// verbosity of the manager's log: all that our own code ever says.
const verbosity = 5

// syncTimeout is far longer than the caches of a test's cluster take to fill.
const syncTimeout = 30 * time.Second

// Beside makes what runs beside the controllers on the same cluster, such as the
// pull, before the cluster is started, and returns what runs it.
type Beside func(c *cluster.Cluster) (run func(context.Context) error, err error)

// Manager is all controllers, at work in this process.
type Manager struct {
	*wire
	beside  []Beside
	log     buffer
	cluster *cluster.Cluster
	info    controllers.ClusterInfo
	cancel  context.CancelFunc
	running sync.WaitGroup
	stopped sync.Once

	mu     sync.Mutex
	failed []error
}

// Start runs a manager until the test ends, or until Stop. It returns once the
// manager's caches are filled.
func Start(t testing.TB, config *rest.Config) *Manager {
	t.Helper()
	m, err := Run(config)
	if err != nil {
		t.Fatalf("start the controllers: %v", err)
	}
	m.stopWith(t)
	return m
}

// Launch is Start for a test of how a manager begins: it does not wait for the
// caches, and the hook sees each request from the first one on.
func Launch(t testing.TB, config *rest.Config, call Hook) *Manager {
	t.Helper()
	m, err := begin(config, nil, &hook{call})
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

// Run is Start for a manager that outlives a single test, and that may have more
// than the controllers: its caller stops it.
func Run(config *rest.Config, beside ...Beside) (*Manager, error) {
	m, err := begin(config, beside)
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
func begin(config *rest.Config, beside []Beside, hooks ...*hook) (*Manager, error) {
	m := &Manager{wire: newWire(), beside: beside}
	m.hooks = hooks
	config = rest.CopyConfig(config)
	config.Wrap(m.wire.under)
	var err error
	if m.cluster, err = cluster.New(config); err != nil {
		return nil, err
	}
	if _, err := m.info.LearnVersion(m.cluster.Kubernetes.Discovery()); err != nil {
		return nil, err
	}
	logger := textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&m.log), textlogger.Verbosity(verbosity)))
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logger))
	m.cancel = cancel
	if err := m.run(ctx); err != nil {
		m.Stop()
		return nil, err
	}
	return m, nil
}

func (m *Manager) run(ctx context.Context) error {
	broadcaster := events.NewBroadcaster(engine.NewEventSink(m.cluster.Kubernetes.EventsV1()))
	context.AfterFunc(ctx, broadcaster.Shutdown)
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return fmt.Errorf("start recording events: %w", err)
	}
	all, err := controllers.All(m.cluster, &m.info, engine.Options{Recorder: broadcaster.NewRecorder(scheme.Scheme, engine.FieldManager)})
	if err != nil {
		return err
	}
	var others []func(context.Context) error
	for _, prepare := range m.beside {
		run, err := prepare(m.cluster)
		if err != nil {
			return err
		}
		others = append(others, run)
	}
	m.cluster.Start(ctx.Done())
	for _, controller := range all {
		m.runs(ctx, "the controller of "+controller.Name(), controller.Run)
	}
	for _, run := range others {
		m.runs(ctx, "what runs beside the controllers", run)
	}
	return nil
}

// runs runs a part of the manager, and notes how it failed.
func (m *Manager) runs(ctx context.Context, what string, run func(context.Context) error) {
	m.running.Go(func() {
		if err := run(ctx); err != nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.failed = append(m.failed, fmt.Errorf("%s ended by itself: %w", what, err))
		}
	})
}

func (m *Manager) awaitCaches(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !m.cluster.HasSynced() {
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
		m.die()
		m.cancel()
		m.running.Wait()
		m.cluster.Shutdown()
	})
}

// Log is what the manager has logged so far.
func (m *Manager) Log() string { return m.log.String() }

// Failures are the errors of controllers that ended by themselves, and the places where
// the manager has told of Canary.
func (m *Manager) Failures() []error {
	said := m.said()
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(said, m.failed...)
}
