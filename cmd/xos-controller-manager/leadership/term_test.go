package leadership

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 10 * time.Second

// machine has clocks that a test sets.
type machine struct{ at instant }

func (m *machine) now() instant { return m.at }

// termOn returns a term that was renewed just now, on a machine whose timers
// never fire.
func termOn(m *machine) *Term {
	t := NewTerm(limit)
	t.now = m.now
	t.renew(m.at)
	t.timer.Stop()
	return t
}

func TestAFrozenProcessNoticesByEitherClockThatItsTimeIsOver(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for sentence, test := range map[string]struct {
		monotonic, wall time.Duration
		lost            string
	}{
		"it was not frozen for long":        {9 * time.Second, 9 * time.Second, ""},
		"the process was stopped":           {20 * time.Second, 20 * time.Second, "the Lease is lost: it was not renewed for 20s"},
		"the machine slept":                 {time.Second, 20 * time.Second, "the Lease is lost: it was not renewed for 20s"},
		"the wall clock was set back":       {20 * time.Second, -time.Hour, "the Lease is lost: it was not renewed for 20s"},
		"the limit is the first moment out": {limit, limit, "the Lease is lost: it was not renewed for 10s"},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := &machine{instant{wall: start}}
			term := termOn(m)
			m.at = instant{monotonic: test.monotonic, wall: start.Add(test.wall)}
			if test.lost == "" {
				assert.NoError(t, term.Check())
				return
			}
			assert.EqualError(t, term.Check(), test.lost)
			m.at = instant{wall: start}
			assert.EqualError(t, term.Check(), test.lost, "what is lost is lost for good")
		})
	}
}

func TestATermThatIsNotRenewedEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := NewTerm(limit)
		ctx, cancel := term.Context(t.Context())
		defer cancel()
		require.ErrorIs(t, term.Check(), ErrNotBegun)
		require.NoError(t, term.Over())
		for range 5 {
			term.renew(term.now())
			<-time.After(limit - time.Second)
			require.NoError(t, term.Check())
		}
		began := time.Now()
		term.fail(errors.New("no route to host"))
		<-ctx.Done()
		require.Equal(t, time.Second, time.Since(began))
		require.ErrorIs(t, context.Cause(ctx), ErrLost)
		require.EqualError(t, context.Cause(ctx), "the Lease is lost: it was not renewed for 10s; the last attempt: no route to host")
		term.renew(term.now())
		require.ErrorIs(t, term.Check(), ErrLost, "a late answer brings nothing back")
	})
}

func TestARenewalCountsFromItsQuestionOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := NewTerm(limit)
		asked := term.now()
		<-time.After(4 * time.Second)
		term.renew(asked)
		began := time.Now()
		<-term.Lost()
		require.Equal(t, 6*time.Second, time.Since(began))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestNoWriteLeavesOutsideATerm(t *testing.T) {
	never := func() *Term { return NewTerm(limit) }
	now := func() *Term { term := NewTerm(limit); term.renew(term.now()); return term }
	lost := func() *Term { term := now(); term.Lose(errors.New("other holds it")); return term }
	ended := func() *Term { term := now(); term.End(); return term }
	for sentence, test := range map[string]struct {
		term    *Term
		method  string
		refused error
	}{
		"a read before it":   {never(), http.MethodGet, nil},
		"a write before it":  {never(), http.MethodPost, ErrNotBegun},
		"a write within it":  {now(), http.MethodPatch, nil},
		"a write after loss": {lost(), http.MethodDelete, ErrLost},
		"a write at the end": {ended(), http.MethodPut, ErrEnded},
		"a read after loss":  {lost(), http.MethodGet, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			sent := 0
			transport := test.term.Gate(roundTripper(func(*http.Request) (*http.Response, error) {
				sent++
				return &http.Response{Body: http.NoBody}, nil
			}))
			content := &body{Reader: strings.NewReader("{}")}
			request, err := http.NewRequestWithContext(t.Context(), test.method, "http://cluster/api/v1/pods", content)
			require.NoError(t, err)
			answer, err := transport.RoundTrip(request)
			if test.refused == nil {
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				require.Equal(t, 1, sent)
				return
			}
			require.ErrorIs(t, err, test.refused)
			require.ErrorContains(t, err, test.method+" /api/v1/pods is not sent: ")
			require.Zero(t, sent)
			require.True(t, content.closed)
		})
	}
}
