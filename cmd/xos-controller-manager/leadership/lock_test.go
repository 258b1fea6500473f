package leadership

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// lease is the Lease as the cluster has it, of a client called "me".
type lease struct {
	resourcelock.Interface
	holder string
	err    error
	writes int
}

func (l *lease) Identity() string { return "me" }

func (l *lease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return &resourcelock.LeaderElectionRecord{HolderIdentity: l.holder}, nil, l.err
}

func (l *lease) Update(_ context.Context, r resourcelock.LeaderElectionRecord) error {
	if l.err == nil {
		l.holder = r.HolderIdentity
		l.writes++
	}
	return l.err
}

var (
	mine    = resourcelock.LeaderElectionRecord{HolderIdentity: "me"}
	release = resourcelock.LeaderElectionRecord{}
)

func TestALeaseThatAnotherHoldsIsLostAtOnce(t *testing.T) {
	for sentence, test := range map[string]struct {
		holder, lost string
	}{
		"it is still ours":               {"me", ""},
		"another process took it":        {"other", "the Lease is lost: other holds it"},
		"another client has released it": {"", "the Lease is lost: another client has released it"},
	} {
		t.Run(sentence, func(t *testing.T) {
			cluster, term := &lease{}, NewTerm(limit)
			lock := term.Watch(cluster)
			require.NoError(t, lock.Update(t.Context(), mine))
			cluster.holder = test.holder
			_, _, err := lock.Get(t.Context())
			require.NoError(t, err)
			if test.lost == "" {
				require.NoError(t, term.Check())
				return
			}
			require.EqualError(t, term.Check(), test.lost)
			assert.ErrorIs(t, lock.Update(t.Context(), mine), ErrLost, "it is not taken back")
			assert.ErrorIs(t, lock.Update(t.Context(), release), ErrLost, "what is another's is not given back")
			assert.Equal(t, 1, cluster.writes)
		})
	}
}

func TestAProcessThatWaitsLosesNothingToTheOneThatLeads(t *testing.T) {
	cluster, term := &lease{holder: "other"}, NewTerm(limit)
	_, _, err := term.Watch(cluster).Get(t.Context())
	require.NoError(t, err)
	require.NoError(t, term.Over())
}

func TestALeaseIsGivenBackByAProcessThatEndsInOrder(t *testing.T) {
	cluster, term := &lease{}, NewTerm(limit)
	lock := term.Watch(cluster)
	require.NoError(t, lock.Update(t.Context(), mine))
	term.End()
	require.ErrorIs(t, lock.Update(t.Context(), mine), ErrEnded)
	require.NoError(t, lock.Update(t.Context(), release))
	require.Empty(t, cluster.holder)
}

func TestAFrozenLeaderDoesNotRenewWhenItWakes(t *testing.T) {
	m := &machine{}
	cluster, term := &lease{holder: "me"}, termOn(m)
	m.at.monotonic = limit
	require.ErrorIs(t, term.Watch(cluster).Update(t.Context(), mine), ErrLost)
	require.Zero(t, cluster.writes)
}

func TestAFailedRenewalReportsItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster, term := &lease{}, NewTerm(limit)
		lock := term.Watch(cluster)
		require.NoError(t, lock.Update(t.Context(), mine))
		<-time.After(time.Second)
		cluster.err = errors.New("connection refused")
		require.Error(t, lock.Update(t.Context(), mine))
		<-term.Lost()
		require.EqualError(t, term.Over(), "the Lease is lost: it was not renewed for 10s; the last attempt: connection refused")
	})
}
