// Package manager wires the program: the clients and caches of one cluster, all controllers, the
// pull, and the publishers of its events. The command runs it behind flags and a leader election;
// tests run it directly, or one part of it.
package manager

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/decode"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Options configure a Manager. The zero value runs everything, and publishes no events.
type Options struct {
	// Workers is how many objects of each kind in one namespace are reconciled at once; in all
	// namespaces it is twice as many. 0 means the defaults of the parts.
	Workers int
	// Kafka is the destination of events; nil means none.
	Kafka *kafka.Options
	// EventLog receives each event as a line of JSON; nil means none.
	EventLog io.Writer
	// MayWrite returns nil while this process may change anything; a nil function means that it
	// always may.
	MayWrite func() error
	// Metrics adds the metrics of all parts to the process's registry, which accepts those of one
	// Manager.
	Metrics bool
	// Namespace is the manager's own, where it keeps ends of pods while Kafka is away; empty
	// means that it keeps them in memory alone.
	Namespace string
	// Pull are further options of the pull. Its Log takes the place of Kafka and the event log,
	// and its OnFullList is called after the manager's own.
	Pull pull.Options
	// NoControllers and NoPull leave out a part, for a test of the other.
	NoControllers, NoPull bool
}

// Manager runs the controllers and the pull of one cluster.
type Manager struct {
	Cluster *cluster.Cluster
	// Pull is nil before Start, and if the pull is left out.
	Pull *pull.Puller

	host        string
	info        controllers.ClusterInfo
	options     Options
	controllers []reconciler.Controller
	running     sync.WaitGroup
	monitor     fairqueue.Monitor
	// closers stop what was started, in reverse order.
	closers []func()
}

// New creates the clients and the caches. It sends no request.
func New(config *rest.Config, options Options) (*Manager, error) {
	if options.Metrics {
		reconciler.RegisterMetrics()
		store.RegisterMetrics()
		decode.RegisterMetrics()
	}
	c, err := cluster.New(config)
	if err != nil {
		return nil, err
	}
	return &Manager{Cluster: c, host: config.Host, options: options}, nil
}

// Start fills the caches and runs all parts until the context ends. It calls fail with an error
// that prevents a part from continuing. A Manager is started once; call Wait even if Start failed.
func (m *Manager) Start(ctx context.Context, fail func(error)) error {
	if err := m.addControllers(ctx); err != nil {
		return err
	}
	if err := m.addPull(ctx); err != nil {
		return err
	}
	m.Cluster.Start(ctx.Done())
	m.closers = append(m.closers, m.Cluster.Shutdown)
	for _, controller := range m.controllers {
		m.run(ctx, fail, "run the controller of "+controller.Name(), controller.Run)
	}
	if m.Pull != nil {
		m.run(ctx, fail, "run the pull", m.Pull.Run)
	}
	klog.FromContext(ctx).Info("Working", "controllers", len(m.controllers))
	return nil
}

// Stuck returns what has been reconciled for longer than a limit, as "Slice shop/web for 12m0s".
func (m *Manager) Stuck(limit time.Duration) []string { return m.monitor.Stuck(limit) }

// Wait returns when all parts have stopped, after the context has ended.
func (m *Manager) Wait() {
	m.running.Wait()
	for _, closer := range slices.Backward(m.closers) {
		closer()
	}
}

func (m *Manager) addControllers(ctx context.Context) (err error) {
	if m.options.NoControllers {
		return nil
	}
	broadcaster := events.NewBroadcaster(store.NewEventSink(m.Cluster.Kubernetes.EventsV1()))
	m.closers = append(m.closers, broadcaster.Shutdown)
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return fmt.Errorf("start recording events: %w", err)
	}
	m.controllers, err = controllers.All(m.Cluster, &m.info, reconciler.Options{
		Workers: m.options.Workers, Monitor: &m.monitor, Recorder: broadcaster.NewRecorder(scheme.Scheme, xosv1.FieldManager),
	})
	return err
}

func (m *Manager) run(ctx context.Context, fail func(error), what string, part func(context.Context) error) {
	m.running.Go(func() {
		if err := part(ctx); err != nil {
			fail(fmt.Errorf("%s: %w", what, err))
		}
	})
}

// enqueueOwnCluster enqueues the KubernetesService of this cluster.
func (m *Manager) enqueueOwnCluster() {
	for _, controller := range m.controllers {
		if controller.Name() == "KubernetesService" {
			controller.Enqueue(cache.NewObjectName("", xosv1.DefaultKubernetesService), time.Second)
		}
	}
}
