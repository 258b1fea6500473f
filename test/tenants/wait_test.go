package tenants

import (
	"context"
	"testing"
	"time"
)

// wait tries until a function has nothing to complain about.
func wait(t *testing.T, complaint func(ctx context.Context) string) {
	t.Helper()
	waitUntil(t, patience, complaint)
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
func (w *world) rest(t *testing.T) {
	t.Helper()
	since, mark := time.Now(), w.manager.Mark()
	wait(t, func(context.Context) string {
		next := w.manager.Mark()
		if len(w.manager.Underway().Foreground()) > 0 || len(w.manager.Since(mark).Foreground()) > 0 {
			since, mark = time.Now(), next
		}
		if time.Since(since) > calm {
			return ""
		}
		return "the manager never rests"
	})
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
