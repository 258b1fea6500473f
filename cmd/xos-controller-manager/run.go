package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/decode"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update

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
	c, err := cluster.New(config)
	if err != nil {
		return err
	}
	if err := checkCluster(ctx, c, config.Host); err != nil {
		return err
	}
	health := &health{}
	serving, err := serve(ctx, o, health)
	if err != nil {
		return err
	}
	defer serving.Wait()
	if !o.leaderElect {
		return lead(ctx, o, c, health)
	}
	return elect(ctx, o, c, health)
}

// checkCluster makes sure, before anything starts, that the API server answers
// and knows our kinds. Both are better said than waited for.
func checkCluster(ctx context.Context, c *cluster.Cluster, host string) error {
	if err := c.LearnVersion(ctx); err != nil {
		return fmt.Errorf("the API server at %s does not answer: %w", host, err)
	}
	if _, err := c.XOS.Discovery().ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String()); err != nil {
		return fmt.Errorf("the cluster at %s does not know %s; install the definitions first (kubectl apply -f crds/): %w",
			host, xosv1.SchemeGroupVersion, err)
	}
	klog.FromContext(ctx).Info("Connected", "server", host, "version", c.Version())
	return nil
}

// lead fills the caches and runs all controllers until the context ends.
func lead(ctx context.Context, o *options, c *cluster.Cluster, h *health) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: c.Kubernetes.EventsV1()})
	defer broadcaster.Shutdown()
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return fmt.Errorf("start recording events: %w", err)
	}
	all, err := controllers.All(c, engine.Options{
		Workers: o.workers, Recorder: broadcaster.NewRecorder(scheme.Scheme, engine.FieldManager),
	})
	if err != nil {
		return err
	}
	puller, closePublisher, err := newPuller(ctx, o, c, os.Stdout, func() { enqueueOwnCluster(all) })
	if err != nil {
		return err
	}
	defer closePublisher()
	c.Start(ctx.Done())
	h.working(c.Unfilled)
	var running sync.WaitGroup
	for _, controller := range all {
		running.Go(func() {
			if err := controller.Run(ctx); err != nil {
				cancel(fmt.Errorf("run the controller of %s: %w", controller.Name(), err))
			}
		})
	}
	running.Go(func() {
		if err := puller.Run(ctx); err != nil {
			cancel(fmt.Errorf("run the pull: %w", err))
		}
	})
	klog.FromContext(ctx).Info("Working", "controllers", len(all))
	<-ctx.Done()
	running.Wait()
	c.Shutdown()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
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

// elect leads while it holds the Lease. A leader that loses it stops for good:
// the process ends, and its successor starts from what the cluster holds.
func elect(ctx context.Context, o *options, c *cluster.Cluster, h *health) error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("find the host's name: %w", err)
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: o.leaseNamespace(), Name: engine.FieldManager},
		Client:     c.Kubernetes.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: host + "_" + uuid.NewString()},
	}
	// The Lease is given back only after the controllers have stopped, so the
	// election outlives the context that stops them.
	electing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	started, ended := make(chan context.Context, 1), make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, Name: engine.FieldManager, WatchDog: h.leader(leaseDuration), ReleaseOnCancel: true,
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) { started <- leading },
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return fmt.Errorf("set up the leader election: %w", err)
	}
	klog.FromContext(ctx).Info("Waiting to lead", "lease", klog.KRef(lock.LeaseMeta.Namespace, lock.LeaseMeta.Name))
	go func() {
		defer close(ended)
		elector.Run(electing)
	}()
	select {
	case <-ctx.Done():
		stop()
		<-ended
		return nil
	case leading := <-started:
		leading, cancel := context.WithCancel(leading)
		defer context.AfterFunc(ctx, cancel)()
		err := lead(leading, o, c, h)
		cancel()
		stop()
		<-ended
		if err == nil && ctx.Err() == nil {
			err = errors.New("the Lease was lost to another process, or could not be renewed in time: stopping")
		}
		return err
	}
}
