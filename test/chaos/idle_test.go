package chaos

import (
	"context"
	"time"

	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// idle returns when none of the managers that can send anything has done so for a
// while, nor waited for an answer, or the context ends.
func (c *crew) idle(ctx context.Context, quiet time.Duration) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	since, begun := time.Now(), c.marks()
	for {
		if marks := c.marks(); c.sent(begun) || c.awaitAnswers() {
			since, begun = time.Now(), marks
		}
		if time.Since(since) > quiet {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// marks are the ends of what the managers in this process have sent so far.
func (c *crew) marks() map[*hand]transport.Mark {
	marks := map[*hand]transport.Mark{}
	for _, m := range c.hands {
		if h, ok := m.(*hand); ok {
			marks[h] = h.Mark()
		}
	}
	return marks
}

// sent returns whether one of the managers has sent anything since the marks.
func (c *crew) sent(since map[*hand]transport.Mark) bool {
	for h, mark := range since {
		if len(h.Since(mark).Foreground()) > 0 {
			return true
		}
	}
	return false
}

// awaitAnswers returns whether one of the managers waits for an answer.
func (c *crew) awaitAnswers() bool {
	for _, m := range c.hands {
		if h, ok := m.(*hand); ok && len(h.Underway().Foreground()) > 0 {
			return true
		}
	}
	return false
}
