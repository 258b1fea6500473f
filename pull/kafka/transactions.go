package kafka

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

// Transactions says whether events are published in transactions.
type Transactions string

const (
	// TransactionsAuto does without transactions where our user may not use them.
	TransactionsAuto Transactions = "auto"
	// TransactionsOn takes it for an error that our user may not use them.
	TransactionsOn Transactions = "on"
	// TransactionsOff never uses them: an event may be published twice, and two processes
	// may publish at once.
	TransactionsOff Transactions = "off"
)

// Validate returns an error that names the flag.
func (t Transactions) Validate() error {
	switch t {
	case TransactionsAuto, TransactionsOn, TransactionsOff, "":
		return nil
	}
	return fmt.Errorf("%s: %q is not one of %s, %s, %s", flagTransactions, t, TransactionsAuto, TransactionsOn, TransactionsOff)
}

// transactionalID returns that of a Kubernetes cluster; empty where transactions are not to
// be used.
func (o Options) transactionalID(cluster types.UID) string {
	if o.Transactions == TransactionsOff {
		return ""
	}
	return "xos-" + string(cluster)
}

// openProducer makes the session's producer that of the cluster's events. Where Kafka
// refuses the transactional id, the producer goes without, unless transactions are required;
// the next session tries again. It returns which right is missing.
func (l *Log) openProducer(ctx context.Context, s *session) ([]Finding, error) {
	err := s.openTransactional(ctx)
	if err == nil || !refused(err) || !s.producer.transactional() || l.opts.Transactions == TransactionsOn {
		return nil, err
	}
	id := s.producer.id
	l.untransacted.Do(func() {
		klog.FromContext(ctx).Info("Events are published without transactions, so one may be published twice: Kafka refuses the transactional id",
			"id", id, "reason", err.Error())
	})
	s.producer = newProducer(s.client, "")
	if err := s.producer.init(ctx); err != nil {
		return nil, err
	}
	return []Finding{noTransactions(id)}, nil
}

// openTransactional fences the predecessors, and ends what they have left open.
func (s *session) openTransactional(ctx context.Context) error {
	committed := s.producer.transactional() && s.producer.wasCommitted(ctx)
	if err := s.producer.init(ctx); err != nil {
		return err
	}
	return s.release(ctx, committed)
}

func noTransactions(id string) Finding {
	return Finding{
		Setting: "the permission for the transactional id " + id, Value: "missing", Want: "Write and Describe",
		Reason: "without it an event may be published twice; " + flagTransactions + "=off accepts that",
	}
}
