package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/pull"
)

// newPuller makes the pull and the way that its events take.
func (m *manager) newPuller(ctx context.Context, out io.Writer, news func()) (p *pull.Puller, closer func(), err error) {
	c := m.cluster
	publisher, closer := m.newPublisher(ctx, out, news)
	p, err = pull.New(c, pull.Options{
		Publisher: publisher, Workers: m.options.workers,
		OnFullList: func(at time.Time, repairs int) {
			if repairs > 0 {
				m.info.ListedInFull(metav1.NewTime(at))
			}
			if _, err := m.info.LearnVersion(c.Kubernetes.Discovery()); err != nil && ctx.Err() == nil {
				klog.FromContext(ctx).Error(err, "The cluster's version could not be learned anew")
			}
		},
	})
	if err != nil {
		return nil, closer, err
	}
	p.RegisterMetrics()
	return p, closer, nil
}

// newPublisher is Kafka, the event log, both, or nil where events go nowhere.
// news is called when Kafka goes away and when it is back.
func (m *manager) newPublisher(ctx context.Context, out io.Writer, news func()) (publisher pull.Publisher, closer func()) {
	var all pull.Publishers
	closer = func() {}
	o := m.options
	if len(o.kafkaBrokers) > 0 {
		kafka := pull.NewKafka(pull.KafkaOptions{Brokers: o.kafkaBrokers, Topic: o.kafkaTopic, CreateTopic: o.kafkaCreateTopics})
		closer = kafka.Close
		m.info.PublishTo("topic " + o.kafkaTopic + " at " + strings.Join(o.kafkaBrokers, ","))
		all = append(all, watched{Publisher: kafka, news: news, info: &m.info})
	}
	if o.eventLog {
		all = append(all, pull.NewEventLog(out))
	}
	if len(all) == 0 {
		klog.FromContext(ctx).Info("Events go nowhere: neither --kafka-brokers nor --event-log was given")
		return nil, closer
	}
	return gated{Publisher: all, mayWrite: m.mayWrite}, closer
}

// gated is a publisher that sends nothing from a process that may not write.
type gated struct {
	pull.Publisher
	mayWrite func() error
}

// Publish implements pull.Publisher.
func (g gated) Publish(ctx context.Context, m pull.Message) (pull.Receipt, error) {
	if err := g.mayWrite(); err != nil {
		return pull.Receipt{}, fmt.Errorf("the event is not sent: %w", err)
	}
	return g.Publisher.Publish(ctx, m)
}

// watched is a publisher whose failures and recoveries are told on the
// KubernetesService.
type watched struct {
	pull.Publisher
	info *controllers.ClusterInfo
	news func()
}

// Publish implements pull.Publisher.
func (w watched) Publish(ctx context.Context, m pull.Message) (pull.Receipt, error) {
	receipt, err := w.Publisher.Publish(ctx, m)
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	if !errors.Is(ctx.Err(), context.Canceled) && w.info.Published(reason) {
		w.news()
	}
	return receipt, err
}
