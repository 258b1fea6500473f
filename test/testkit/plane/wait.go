package plane

import (
	"context"
	"testing"
	"time"
)

const waitInterval = 20 * time.Millisecond

// Wait tries until done, and fails the test with the last reason when that
// takes longer than timeout. The context of a try ends with the timeout.
func Wait(tb testing.TB, timeout time.Duration, try func(ctx context.Context) (done bool, reason string)) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), timeout)
	defer cancel()
	tick := time.NewTicker(waitInterval)
	defer tick.Stop()
	var reason string
	for {
		done, now := try(ctx)
		if done {
			return
		}
		// A try that the timeout broke off says that and nothing more.
		if ctx.Err() == nil || reason == "" {
			reason = now
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("waited %v in vain: %s", timeout, reason)
		case <-tick.C:
		}
	}
}
