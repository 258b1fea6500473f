package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
)

// The Lease is in the manager's own namespace, so its rights on Leases end there.
//
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=create,namespace=xos-system
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,resourceNames=xos-controller-manager,verbs=get;update,namespace=xos-system

// Times of the leader election. A leader that did not renew its Lease for renewDeadline has lost
// it and exits within lostGrace; another one starts after leaseDuration, when no request of the
// first is in flight any more.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// grace is how long controllers may take to stop: less than the 30 seconds after which Kubernetes
// kills a pod. One whose Lease is lost can't write anyway, so there is little to wait for.
const (
	grace     = 15 * time.Second
	lostGrace = 3 * time.Second
)

// elect runs work while it holds the Lease. A leader that loses it exits: its successor starts
// from what the cluster holds. Requests for the Lease itself use a configuration of their own,
// which the term does not gate.
func elect(ctx context.Context, o *options, config *rest.Config, term *leadership.Term, work job) error {
	lease, err := newLock(o, config)
	if err != nil {
		return err
	}
	// The Lease is released only after the controllers have stopped, so the election outlives the
	// context that stops them.
	electing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	leading, ended := make(chan struct{}), make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: term.Watch(lease), Name: xosv1.FieldManager, ReleaseOnCancel: true,
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(leading) },
			OnStoppedLeading: func() { term.Lose(errors.New("the election has ended")) },
		},
	})
	if err != nil {
		return fmt.Errorf("set up the leader election: %w", err)
	}
	klog.FromContext(ctx).Info("Waiting to lead", "lease", klog.KRef(lease.LeaseMeta.Namespace, lease.LeaseMeta.Name))
	go func() {
		defer close(ended)
		elector.Run(electing)
	}()
	select {
	case <-ctx.Done():
	case <-leading:
		err = underTerm(ctx, term, work)
	}
	if errors.Is(err, leadership.ErrLost) {
		return fmt.Errorf("lead by Lease %s: %w", lease.Describe(), err) // there is nothing to release
	}
	term.End()
	stop()
	<-ended
	return err
}

// underTerm runs work until the context ends or the term is lost.
func underTerm(ctx context.Context, term *leadership.Term, work job) error {
	leading, cancel := term.Context(ctx)
	defer cancel()
	err := supervise(leading, func(cause error) time.Duration {
		if errors.Is(cause, leadership.ErrLost) {
			return lostGrace
		}
		return grace
	}, work)
	// What failed because of the loss is not reported.
	if over := term.Over(); over != nil && !errors.Is(err, over) {
		return errors.Join(over, err)
	}
	return err
}

// newLock returns the Lease.
func newLock(o *options, config *rest.Config) (*resourcelock.LeaseLock, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("find the host's name: %w", err)
	}
	config = rest.CopyConfig(config)
	config.QPS = -1
	// A request that hangs leaves time for another one.
	config.Timeout = renewDeadline / 2
	client, err := coordinationv1.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of Leases: %w", err)
	}
	return &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: o.leaseNamespace(), Name: xosv1.FieldManager},
		Client:     client,
		LockConfig: resourcelock.ResourceLockConfig{Identity: host + "_" + uuid.NewString()},
	}, nil
}
