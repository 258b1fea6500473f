package kafka

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xos.opencord.org/kubernetes-service/pull/delivery"
)

// deliver publishes entries without a transaction: what is for the topic of the inventory,
// which is read back as the record of what was published, after all else of its unit is
// acknowledged. So a unit is published at least once, whatever fails. It sets the results of
// the units that are not.
func (s *session) deliver(ctx context.Context, entries []entry, results []error) error {
	for _, inventory := range []bool{false, true} {
		of := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return (e.at.topic == s.opts.InventoryTopic) != inventory })
		if err := s.acknowledge(ctx, of, batchBytes, results); err != nil {
			return err
		}
	}
	return nil
}

// acknowledge sends entries in batches of at most so many bytes, but for single records. Of
// a unit that has failed it sends nothing more.
func (s *session) acknowledge(ctx context.Context, entries []entry, limit int, results []error) error {
	for batches := range rounds(entries, limit) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.leaveOut(batches, results)
		failed, err := s.send(batches)
		if err != nil {
			return err
		}
		if failed == nil {
			continue
		}
		if err := s.producer.init(ctx); err != nil {
			return err
		}
		if !s.attribute(failed, results) {
			continue
		}
		for _, f := range failed {
			if tooLarge(f.err) && len(f.entries) > 1 {
				if err := s.acknowledge(ctx, f.entries, 0, results); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// leaveOut takes out of batches what belongs to units that have failed. Those for a partition
// that has failed meanwhile fail too: nothing may overtake what it did not take.
func (s *session) leaveOut(batches map[partition][]entry, results []error) {
	for at, batch := range batches {
		down := time.Now().Before(s.down[at])
		batches[at] = slices.DeleteFunc(batch, func(e entry) bool {
			if down && results[e.unit] == nil {
				results[e.unit] = fmt.Errorf("%v: %w", at, delivery.ErrUnavailable)
			}
			return results[e.unit] != nil
		})
		if len(batches[at]) == 0 {
			delete(batches, at)
		}
	}
}
