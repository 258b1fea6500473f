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

func because(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
