package manager

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// addPull creates the pull and the publishers of its events.
func (m *Manager) addPull(ctx context.Context) (err error) {
	if m.options.NoPull {
		return nil
	}
	options := m.options.Pull
	options.Publisher = m.newPublisher(ctx)
	if options.Workers == 0 {
		options.Workers = m.options.Workers
	}
	options.OnFullList = func(at time.Time, repairs int) {
		m.onFullList(ctx, at, repairs)
		if further := m.options.Pull.OnFullList; further != nil {
			further(at, repairs)
		}
	}
	if m.Pull, err = pull.New(m.Cluster, options); err != nil {
		return err
	}
	if m.options.Metrics {
		m.Pull.RegisterMetrics()
	}
	return nil
}

// onFullList records a full list that found something to repair, and reads the cluster's version,
// which may have changed.
func (m *Manager) onFullList(ctx context.Context, at time.Time, repairs int) {
	if repairs > 0 {
		m.info.ListedInFull(metav1.NewTime(at))
	}
	if _, err := m.info.LearnVersion(m.Cluster.Kubernetes.Discovery()); err != nil && ctx.Err() == nil {
		klog.FromContext(ctx).Error(err, "The cluster's version could not be learned anew")
	}
}

// newPublisher returns the publishers that the options name, or nil if there are none.
func (m *Manager) newPublisher(ctx context.Context) delivery.Publisher {
	var all delivery.Publishers
	if o := m.options.Kafka; o != nil {
		producer := kafka.New(*o)
		m.closers = append(m.closers, producer.Close)
		m.info.PublishTo("topic " + o.Topic + " at " + strings.Join(o.Brokers, ","))
		all = append(all, watched{Publisher: producer, changed: m.enqueueOwnCluster, info: &m.info})
	}
	if m.options.EventLog != nil {
		all = append(all, delivery.NewEventLog(m.options.EventLog))
	}
	if p := m.options.Pull.Publisher; p != nil {
		all = append(all, p)
	}
	if len(all) == 0 {
		klog.FromContext(ctx).Info("Events go nowhere: neither --kafka-brokers nor --event-log was given")
		return nil
	}
	if m.options.MayWrite == nil {
		return all
	}
	return gated{Publisher: all, mayWrite: m.options.MayWrite}
}

// gated is a publisher that sends nothing from a process that may not write.
type gated struct {
	delivery.Publisher
	mayWrite func() error
}

// Publish implements delivery.Publisher.
func (g gated) Publish(ctx context.Context, m event.Message) (delivery.Receipt, error) {
	if err := g.mayWrite(); err != nil {
		return delivery.Receipt{}, fmt.Errorf("the event is not sent: %w", err)
	}
	return g.Publisher.Publish(ctx, m)
}

// watched is a publisher whose failures and recoveries are reported on the
// KubernetesService.
type watched struct {
	delivery.Publisher
	info *controllers.ClusterInfo
	// changed is called when the publisher begins to fail, and when it succeeds again.
	changed func()
}

// Publish implements delivery.Publisher.
func (w watched) Publish(ctx context.Context, m event.Message) (delivery.Receipt, error) {
	receipt, err := w.Publisher.Publish(ctx, m)
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	if !errors.Is(ctx.Err(), context.Canceled) && w.info.Published(reason) {
		w.changed()
	}
	return receipt, err
}
