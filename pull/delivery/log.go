package delivery

import (
	"context"
	"errors"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Log is where events are published, and which reports what was published before.
type Log interface {
	// Open begins a session, which ends those of all other processes for this cluster. It
	// calls told with each message of the inventory, the oldest first in each key.
	Open(ctx context.Context, told func(key string, value []byte)) (Session, error)
}

// Session publishes units until it ends.
type Session interface {
	// Commit publishes the messages of all units, each unit as a whole or not at all, in
	// order. It returns an error for each unit: nil where it is committed, ErrTooLarge where
	// it never will be, ErrUnavailable or another error where it has to be tried again. An
	// error of Commit itself ends the session: what became of the units is not known.
	Commit(ctx context.Context, units []Unit) ([]error, error)
	// Partitions returns how many partitions the inventory has, and Partition to which of
	// them a key goes.
	Partitions() (int32, error)
	Partition(key string) (int32, error)
	// Close ends the session.
	Close()
}

// Unit is the pending messages of one entity.
type Unit struct {
	Entity   event.Entity
	Messages []event.Message
}

// ErrTooLarge is wrapped by the error of a unit that Kafka refuses for its size.
var ErrTooLarge = errors.New("the event is too large")

// ErrUnavailable is wrapped by the error of a unit for a partition that can't be written
// to at the moment. Other partitions are not concerned.
var ErrUnavailable = errors.New("the partition is not available")

// ErrNotLeader is wrapped by the error of a session that another process has ended.
var ErrNotLeader = errors.New("another process publishes the events of this cluster")
