package main

import (
	"context"
	"os"
	"runtime"
	"time"

	"k8s.io/client-go/rest"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/manager"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// run runs the manager until the context ends or an error makes it impossible to continue.
func run(ctx context.Context, o *options) error {
	if err := o.validate(); err != nil {
		return err
	}
	if err := logsapi.ValidateAndApply(o.logging, nil); err != nil {
		return err
	}
	if !o.profiling {
		runtime.MemProfileRate = 0 // profiles can't be requested, and would cost a megabyte
	}
	ctx = klog.NewContext(ctx, klog.Background())
	config, err := o.restConfig()
	if err != nil {
		return err
	}
	rest.AddUserAgent(config, "xos-controller-manager")
	if !o.leaderElect {
		return serving(ctx, config, config, o, &health{}, nil, func(ctx context.Context, work job) error {
			return supervise(ctx, func(error) time.Duration { return grace }, work)
		})
	}
	term := leadership.NewTerm(renewDeadline)
	gated := rest.CopyConfig(config)
	gated.Wrap(term.Gate)
	return serving(ctx, gated, config, o, &health{over: term.Over}, term.Check, func(ctx context.Context, work job) error {
		return elect(ctx, o, config, term, work)
	})
}

// serving runs the manager under lead, and serves its endpoints as long as it runs. Requests by
// ungated are sent without the Lease too.
func serving(
	ctx context.Context, config, ungated *rest.Config, o *options, h *health, mayWrite func() error, lead func(context.Context, job) error,
) error {
	m, err := manager.New(config, o.manager(mayWrite))
	if err != nil {
		return err
	}
	if err := m.Check(ctx); err != nil {
		return err
	}
	endpoints, stop := context.WithCancel(ctx)
	served, err := serve(endpoints, o, h, ungated)
	defer func() {
		stop()
		served.Wait()
	}()
	if err != nil {
		return err
	}
	return lead(ctx, func(ctx context.Context, fail context.CancelCauseFunc) error { return work(ctx, m, h, fail) })
}

// work runs the manager until the context ends. An error that makes it impossible to continue ends
// the context.
func work(ctx context.Context, m *manager.Manager, h *health, fail context.CancelCauseFunc) error {
	defer m.Wait()
	h.working(m.Cluster.Unfilled, m.Stuck) // from now on this process is no longer one that waits to lead
	if err := m.Start(ctx, fail); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// manager returns the options of the manager that the flags ask for.
func (o *options) manager(mayWrite func() error) manager.Options {
	options := manager.Options{Workers: o.workers, MayWrite: mayWrite, Metrics: true, Namespace: o.leaseNamespace()}
	if len(o.kafkaBrokers) > 0 {
		options.Kafka = &kafka.Options{
			Brokers: o.kafkaBrokers, Settings: o.kafkaSettings, TopicOptions: o.kafkaTopics, Transactions: kafka.Transactions(o.transactions),
		}
	}
	options.Pull.MaxPending = o.maxPendingEvents
	if o.eventLog {
		options.EventLog = os.Stdout
	}
	return options
}
