package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// job runs until its context ends. What makes it impossible to go on it hands to
// fail, which ends the context.
type job func(ctx context.Context, fail context.CancelCauseFunc) error

// supervise runs a job and returns what it ended with, and what ended it: nil
// where that was the end of the context it was given. A job that does not end in
// time is left behind: a worker that is stuck must not keep the process.
func supervise(ctx context.Context, patience func(cause error) time.Duration, work job) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	done := make(chan error, 1)
	go func() { done <- work(ctx, fail) }()
	select {
	case err := <-done:
		return errors.Join(failure(ctx), err)
	case <-ctx.Done():
	}
	limit := patience(context.Cause(ctx))
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return errors.Join(failure(ctx), err)
	case <-timer.C:
		return errors.Join(failure(ctx), fmt.Errorf("the controllers did not stop within %v, and are left behind", limit))
	}
}

// failure is what ended a context, nil where it was only asked to end.
func failure(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
