package manager

import (
	"cmp"
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"

	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// addPull creates the pull and the publishers of its events.
func (m *Manager) addPull(ctx context.Context) (err error) {
	if m.options.NoPull {
		return nil
	}
	options := m.options.Pull
	options.Log, options.MayWrite, options.OnPublish = m.newLog(ctx), m.options.MayWrite, func(err error) { m.published(ctx, err) }
	options.Monitor = &m.monitor
	options.OnGivenUp = func(total int) {
		if m.info.GaveUp(total) {
			m.enqueueOwnCluster()
		}
	}
	options.Namespace = cmp.Or(options.Namespace, m.options.Namespace)
	if options.Workers == 0 {
		options.Workers = m.options.Workers
	}
	options.OnFullList = func(at time.Time, repairs int, err error) {
		m.onFullList(ctx, at, repairs, err)
		if further := m.options.Pull.OnFullList; further != nil {
			further(at, repairs, err)
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

// onFullList records a full list that failed or found something to repair, and reads the cluster's
// version, which may have changed.
func (m *Manager) onFullList(ctx context.Context, at time.Time, repairs int, err error) {
	if m.info.Listed(text(err)) {
		m.enqueueOwnCluster()
	}
	if err != nil {
		return
	}
	if repairs > 0 {
		m.info.ListedInFull(metav1.NewTime(at))
	}
	if _, err := m.info.LearnVersion(m.Cluster.Kubernetes.Discovery()); err != nil && ctx.Err() == nil {
		klog.FromContext(ctx).Error(err, "The cluster's version could not be learned anew")
	}
}

// newLog returns the log that the options name, or nil if there is none.
func (m *Manager) newLog(ctx context.Context) delivery.Log {
	if l := m.options.Pull.Log; l != nil {
		return l
	}
	printed := delivery.NewEventLog(m.options.EventLog)
	o := m.options.Kafka
	switch {
	case o == nil && m.options.EventLog == nil:
		klog.FromContext(ctx).Info("Events go nowhere: neither --kafka-brokers nor --event-log was given")
		return nil
	case o == nil:
		return printed
	}
	m.info.PublishTo("topic " + o.PodTopic + " at " + strings.Join(o.Brokers, ","))
	options := *o
	options.OnFindings = m.topicsChecked
	log := kafka.New(options, func() (types.UID, error) { return pull.ClusterUID(m.Cluster) })
	if m.options.EventLog == nil {
		return log
	}
	return delivery.Printed{Log: log, To: printed}
}

// topicsChecked reports on the KubernetesService what should be changed in the topics.
func (m *Manager) topicsChecked(findings []kafka.Finding) {
	var texts []string
	for _, f := range findings {
		if !f.Hint {
			texts = append(texts, f.String())
		}
	}
	if m.info.Advise(strings.Join(texts, "; ")) {
		m.enqueueOwnCluster()
	}
}

// published reports on the KubernetesService that events can't be published, or can again.
func (m *Manager) published(ctx context.Context, err error) {
	if ctx.Err() == nil && m.info.Published(text(err)) {
		m.enqueueOwnCluster()
	}
}

// text is the text of an error; empty where there is none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
