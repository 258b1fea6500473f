package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/xos-controller-manager/leadership"
)

// stuck is a job that does not end with its context.
func stuck(t *testing.T) (work job, free func()) {
	t.Helper()
	never := make(chan struct{})
	return func(context.Context, context.CancelCauseFunc) error {
		<-never
		return nil
	}, func() { close(never) }
}

func seconds(n int) func(error) time.Duration {
	return func(error) time.Duration { return time.Duration(n) * time.Second }
}

func TestAJobThatEndsWithItsContextIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, supervise(ctx, seconds(5), func(ctx context.Context, _ context.CancelCauseFunc) error {
		<-ctx.Done()
		return nil
	}))
}

func TestTheCauseOfAJobsEndIsReported(t *testing.T) {
	err := supervise(t.Context(), seconds(5), func(ctx context.Context, fail context.CancelCauseFunc) error {
		fail(errors.New("a controller failed"))
		<-ctx.Done()
		return nil
	})
	require.EqualError(t, err, "a controller failed")
}

func TestAJobThatIsStuckIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, free := stuck(t)
		defer free()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		require.EqualError(t, supervise(ctx, seconds(5), work), "the controllers did not stop within 5s, and are left behind")
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestALeaderThatIsStuckEndsSoonAfterItsLeaseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, free := stuck(t)
		defer free()
		term := leadership.NewTerm(renewDeadline)
		time.AfterFunc(time.Minute, func() { term.Lose(errors.New("other holds it")) })
		began := time.Now()
		err := underTerm(t.Context(), term, work)
		require.ErrorIs(t, err, leadership.ErrLost)
		require.EqualError(t, err, "the Lease is lost: other holds it\nthe controllers did not stop within 3s, and are left behind")
		require.Equal(t, time.Minute+lostGrace, time.Since(began))
	})
}

func TestWhatFailsForTheLossOfTheLeaseIsNotMistakenForTheCause(t *testing.T) {
	term := leadership.NewTerm(renewDeadline)
	err := underTerm(t.Context(), term, func(ctx context.Context, _ context.CancelCauseFunc) error {
		term.Lose(errors.New("other holds it"))
		<-ctx.Done()
		return nil
	})
	require.EqualError(t, err, "the Lease is lost: other holds it")
}

func TestALostLeaderIsGoneBeforeAnotherOneLeads(t *testing.T) {
	require.Less(t, renewDeadline+lostGrace, leaseDuration)
}
