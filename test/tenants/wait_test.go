package tenants

import (
	"context"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// wait tries until a function has nothing to complain about.
func wait(t *testing.T, complaint func(ctx context.Context) string) {
	t.Helper()
	waitUntil(t, waitTimeout, complaint)
}

func waitUntil(t *testing.T, timeout time.Duration, complaint func(ctx context.Context) string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var last string
	for {
		now := complaint(ctx)
		if now == "" {
			return
		}
		if ctx.Err() == nil {
			last = now // One that the timeout broke off says that and no more.
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited %v in vain: %s", timeout, last)
		case <-tick.C:
		}
	}
}

// rest waits until the manager sends nothing any more but watches: what the rows before
// have left behind is still being deleted when they are over.
func (w *env) rest(t *testing.T) {
	t.Helper()
	testkit.AwaitQuiet(t, w.manager.Recorder, w.manager.Mark(), quietPeriod, func(all transport.Requests) transport.Requests { return all })
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
