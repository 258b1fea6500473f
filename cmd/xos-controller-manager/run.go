package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/decode"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// run works until the context ends, or until something makes it impossible.
func run(ctx context.Context, o *options) error {
	if err := o.validate(); err != nil {
		return err
	}
	if err := logsapi.ValidateAndApply(o.logging, nil); err != nil {
		return err
	}
	if !o.profiling {
		runtime.MemProfileRate = 0 // what nobody can ask for is not worth a megabyte
	}
	log := klog.Background()
	ctx = klog.NewContext(ctx, log)
	config, err := o.restConfig()
	if err != nil {
		return err
	}
	rest.AddUserAgent(config, "xos-controller-manager")
	engine.RegisterMetrics()
	decode.RegisterMetrics()
	if !o.leaderElect {
		m := &manager{options: o, health: &health{}, mayWrite: func() error { return nil }}
		return m.serving(ctx, config, func(ctx context.Context) error {
			return supervise(ctx, func(error) time.Duration { return grace }, m.lead)
		})
	}
	term := leadership.NewTerm(renewDeadline)
	gated := rest.CopyConfig(config)
	gated.Wrap(term.Gate)
	m := &manager{options: o, health: &health{over: term.Over}, mayWrite: term.Check}
	return m.serving(ctx, gated, func(ctx context.Context) error { return elect(ctx, o, config, term, m.lead) })
}

// manager is one run of the controllers.
type manager struct {
	options *options
	cluster *cluster.Cluster
	info    controllers.ClusterInfo
	health  *health
	// mayWrite returns nil while this process may change anything.
	mayWrite func() error
}

// serving works with its endpoints served. These live as long as the work does.
func (m *manager) serving(ctx context.Context, config *rest.Config, work func(context.Context) error) error {
	var err error
	if m.cluster, err = cluster.New(config); err != nil {
		return err
	}
	if err := m.checkCluster(ctx, config.Host); err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	endpoints, err := serve(serving, m.options, m.health)
	defer func() {
		stop()
		endpoints.Wait()
	}()
	if err != nil {
		return err
	}
	return work(ctx)
}

// checkCluster makes sure, before anything starts, that the API server answers
// and knows our kinds. Both are better said than waited for.
func (m *manager) checkCluster(ctx context.Context, host string) error {
	version, err := m.info.LearnVersion(m.cluster.Kubernetes.Discovery())
	if err != nil {
		return fmt.Errorf("the API server at %s does not answer: %w", host, err)
	}
	if _, err := m.cluster.XOS.Discovery().ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String()); err != nil {
		return fmt.Errorf("the cluster at %s does not know %s; install the definitions first (kubectl apply -f crds/): %w",
			host, xosv1.SchemeGroupVersion, err)
	}
	klog.FromContext(ctx).Info("Connected", "server", host, "version", version)
	return nil
}

// lead fills the caches and runs all controllers until the context ends. What
// makes it impossible to go on ends the context.
func (m *manager) lead(ctx context.Context, fail context.CancelCauseFunc) error {
	c := m.cluster
	broadcaster := events.NewBroadcaster(engine.NewEventSink(c.Kubernetes.EventsV1()))
	defer broadcaster.Shutdown()
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return fmt.Errorf("start recording events: %w", err)
	}
	all, err := controllers.All(c, &m.info, engine.Options{
		Workers: m.options.workers, Recorder: broadcaster.NewRecorder(scheme.Scheme, engine.FieldManager),
	})
	if err != nil {
		return err
	}
	puller, closePublisher, err := m.newPuller(ctx, os.Stdout, func() { enqueueOwnCluster(all) })
	if err != nil {
		return err
	}
	defer closePublisher()
	c.Start(ctx.Done())
	m.health.working(c.Unfilled)
	var running sync.WaitGroup
	for _, controller := range all {
		running.Go(func() {
			if err := controller.Run(ctx); err != nil {
				fail(fmt.Errorf("run the controller of %s: %w", controller.Name(), err))
			}
		})
	}
	running.Go(func() {
		if err := puller.Run(ctx); err != nil {
			fail(fmt.Errorf("run the pull: %w", err))
		}
	})
	klog.FromContext(ctx).Info("Working", "controllers", len(all))
	<-ctx.Done()
	running.Wait()
	c.Shutdown()
	return nil
}

// enqueueOwnCluster has the KubernetesService of this cluster looked at.
func enqueueOwnCluster(all []engine.Controller) {
	for _, controller := range all {
		if controller.Name() == "KubernetesService" {
			controller.Enqueue(cache.NewObjectName("", xosv1.DefaultKubernetesService), time.Second)
		}
	}
}
