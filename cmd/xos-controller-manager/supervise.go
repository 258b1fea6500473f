package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// job runs until its context ends. It calls fail with an error that makes it impossible to
// continue, which ends the context.
type job func(ctx context.Context, fail context.CancelCauseFunc) error

// supervise runs a job and returns its error and the cause of its end, which is nil if the given
// context ended. A job that does not return within the grace period of the cause is abandoned: a
// worker that is stuck must not keep the process alive.
func supervise(ctx context.Context, gracePeriod func(cause error) time.Duration, work job) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	done := make(chan error, 1)
	go func() { done <- work(ctx, fail) }()
	select {
	case err := <-done:
		return errors.Join(failure(ctx), err)
	case <-ctx.Done():
	}
	limit := gracePeriod(context.Cause(ctx))
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return errors.Join(failure(ctx), err)
	case <-timer.C:
		return errors.Join(failure(ctx), fmt.Errorf("the controllers did not stop within %v, and are left behind", limit))
	}
}

// failure returns the cause of a context's end; nil if it was only canceled.
func failure(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
