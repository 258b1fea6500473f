package leadership

import (
	"context"
	"fmt"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// lock is a resource lock that reports to a term.
type lock struct {
	resourcelock.Interface
	term *Term
}

// Watch returns a lock that reports each renewal to the term, and that it is lost as soon as the
// Lease names another holder. The lock of a term that is over renews nothing, and that of a lost
// one releases nothing: the Lease is held by another process.
func (t *Term) Watch(of resourcelock.Interface) resourcelock.Interface { return lock{of, t} }

// Get implements resourcelock.Interface.
func (l lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	if err != nil {
		l.term.fail(err)
		return record, raw, err
	}
	if l.term.begun() && record.HolderIdentity != l.Identity() {
		l.term.Lose(holds(record.HolderIdentity))
	}
	return record, raw, nil
}

func holds(identity string) error {
	if identity == "" {
		return fmt.Errorf("another client has released it")
	}
	return fmt.Errorf("%s holds it", identity)
}

// Create implements resourcelock.Interface.
func (l lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.write(ctx, record, l.Interface.Create)
}

// Update implements resourcelock.Interface.
func (l lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.write(ctx, record, l.Interface.Update)
}

func (l lock) write(ctx context.Context, record resourcelock.LeaderElectionRecord,
	send func(context.Context, resourcelock.LeaderElectionRecord) error,
) error {
	release := record.HolderIdentity != l.Identity()
	if err := l.term.mayHold(release); err != nil {
		return err
	}
	asked := l.term.now()
	if err := send(ctx, record); err != nil {
		l.term.fail(err)
		return err
	}
	if !release {
		l.term.renew(asked)
	}
	return nil
}
