package delivery

import (
	"context"
	"errors"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// ErrTooLarge is, or is wrapped by, the error of an event that is refused for its
// size. It is not tried again.
var ErrTooLarge = errors.New("the event is too large")

// Publisher sends an event and returns when it is acknowledged.
type Publisher interface {
	Publish(ctx context.Context, m event.Message) (Receipt, error)
}

// Receipt says where an acknowledged message is. It is empty where messages go
// nowhere in particular.
type Receipt struct {
	Topic     string
	Partition int32
	Offset    int64
}

// Publishers sends each event to all, one after the other, and fails where one
// fails; those before it then get the event twice. The receipt is the first's.
type Publishers []Publisher

// Publish implements Publisher.
func (p Publishers) Publish(ctx context.Context, m event.Message) (Receipt, error) {
	var first Receipt
	for i, publisher := range p {
		receipt, err := publisher.Publish(ctx, m)
		if err != nil {
			return Receipt{}, err
		}
		if i == 0 {
			first = receipt
		}
	}
	return first, nil
}
