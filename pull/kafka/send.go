package kafka

import (
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/delivery"
)

// failure is a batch that a partition did not take.
type failure struct {
	at      partition
	entries []entry
	err     error
}

// send sends one batch to each partition, and returns those that failed: whether they were
// appended is not known.
func (s *session) send(batches map[partition][]entry) ([]failure, error) {
	records := map[partition][]*sarama.Record{}
	for at, entries := range batches {
		for _, e := range entries {
			records[at] = append(records[at], e.record)
		}
	}
	errs := s.producer.produce(records)
	var failed []failure
	answered := false
	for at, err := range errs {
		var answer sarama.KError
		if errors.As(err, &answer) {
			answered = true
		}
		if s.producer.transactional() && fenced(err) {
			return nil, err
		}
		failed = append(failed, failure{at, batches[at], err})
	}
	if len(failed) > 0 && len(failed) == len(batches) && !answered {
		return nil, failed[0].err // nothing got through: it is not the partitions
	}
	return failed, nil
}

// attribute sets the results of the units of failed batches. It returns true where a batch
// of several was too large: in a batch of its own each shows whether it is to blame.
func (s *session) attribute(failed []failure, results []error) (single bool) {
	for _, f := range failed {
		large := tooLarge(f.err)
		if large && len(f.entries) > 1 {
			single = true
			continue
		}
		reason := delivery.ErrTooLarge
		if !large {
			reason = delivery.ErrUnavailable
			s.down[f.at] = time.Now().Add(downtime)
		}
		for _, e := range f.entries {
			results[e.unit] = fmt.Errorf("%v: %w: %w", f.at, reason, f.err)
		}
	}
	return single
}

// tooLarge returns whether a batch was refused for its size.
func tooLarge(err error) bool {
	return errors.Is(err, sarama.ErrMessageSizeTooLarge) || errors.Is(err, sarama.ErrInvalidMessageSize)
}
