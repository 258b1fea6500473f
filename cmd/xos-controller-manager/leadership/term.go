// Package leadership decides whether this process may write. A Term is the time
// for which it leads: it begins with the first renewal of the Lease, ends for good
// when the Lease is lost, and refuses every write that would leave before or after.
//
// Only what depends on the Lease may live here; it knows no controller.
package leadership

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrLost reports that another process leads, or soon may.
	ErrLost = errors.New("the Lease is lost")
	// ErrEnded reports that this process stopped leading of its own accord.
	ErrEnded = errors.New("this process has stopped leading")
	// ErrNotBegun reports that this process does not lead yet.
	ErrNotBegun = errors.New("this process does not lead")
)

// instant is a moment by two clocks. Neither suffices: the monotonic one may stop while a machine
// sleeps, the wall clock may be set back.
type instant struct {
	monotonic time.Duration
	wall      time.Time
}

// since returns the time since an earlier moment, by the clock that advanced more.
func (i instant) since(earlier instant) time.Duration {
	return max(i.monotonic-earlier.monotonic, i.wall.Sub(earlier.wall))
}

// clock returns a function that reads both clocks of the machine.
func clock() func() instant {
	start := time.Now()
	return func() instant {
		now := time.Now()
		return instant{monotonic: now.Sub(start), wall: now.Round(0)}
	}
}

// Term is the time for which a process leads. It is safe for concurrent use.
type Term struct {
	// limit is the age at which the last renewal expires. It must be less than the duration of the
	// Lease, so that no write is in flight when another process may lead.
	limit time.Duration
	now   func() instant

	mu      sync.Mutex
	renewed *instant // nil before the term begins
	over    error    // why it is over; nil while it is not
	lost    chan struct{}
	timer   *time.Timer
	// failure is why the last attempt to renew failed.
	failure error
}

// NewTerm returns a term that has not begun, and that is lost when the Lease was not renewed for
// the limit.
func NewTerm(limit time.Duration) *Term {
	return &Term{limit: limit, now: clock(), lost: make(chan struct{})}
}

// Check returns nil while this process leads, else why it may not write. In a process that was
// frozen it detects the end of the term before any timer does.
func (t *Term) Check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.check()
}

func (t *Term) check() error {
	if t.over != nil {
		return t.over
	}
	if t.renewed == nil {
		return ErrNotBegun
	}
	if age := t.now().since(*t.renewed); age >= t.limit {
		t.lose(t.late(age))
	}
	return t.over
}

func (t *Term) late(age time.Duration) error {
	err := fmt.Errorf("it was not renewed for %v", age.Round(time.Millisecond))
	if t.failure != nil {
		err = fmt.Errorf("%w; the last attempt: %w", err, t.failure)
	}
	return err
}

// Over returns why the term is over; nil before it and while it lasts.
func (t *Term) Over() error {
	if err := t.Check(); !errors.Is(err, ErrNotBegun) {
		return err
	}
	return nil
}

// Lose ends the term: another process leads, or may.
func (t *Term) Lose(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over == nil {
		t.lose(cause)
	}
}

// lose is called with the lock held.
func (t *Term) lose(cause error) {
	t.end(fmt.Errorf("%w: %w", ErrLost, cause))
	close(t.lost)
}

// End ends the term of a process that stops of its own accord, before it releases the Lease.
func (t *Term) End() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over == nil {
		t.end(ErrEnded)
	}
}

func (t *Term) end(why error) {
	t.over = why
	if t.timer != nil {
		t.timer.Stop()
	}
}

// Lost is closed when the Lease is lost.
func (t *Term) Lost() <-chan struct{} { return t.lost }

// Context returns a context that ends when the Lease is lost, with that as its
// cause.
func (t *Term) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		select {
		case <-t.lost:
			cancel(t.Over())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// renew records a renewal that was requested at a moment and has succeeded. The moment is that of
// the request: the server's clock may have started then.
func (t *Term) renew(asked instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		return
	}
	t.failure = nil
	t.renewed = &asked
	left := t.limit - t.now().since(asked)
	if t.timer == nil {
		t.timer = time.AfterFunc(left, func() { _ = t.Check() })
		return
	}
	t.timer.Reset(left)
}

// fail records why an attempt to renew failed.
func (t *Term) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failure = err
}

func (t *Term) begun() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.renewed != nil
}

// mayHold returns nil if the Lease may be written: acquired or renewed by a process whose term is
// not over, released by one that has not lost it.
func (t *Term) mayHold(release bool) error {
	switch err := t.Over(); {
	case release && errors.Is(err, ErrEnded):
		return nil
	case err != nil:
		return fmt.Errorf("the Lease is not written: %w", err)
	}
	return nil
}
