package inprocess

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// wire is where all requests of a manager pass. It remembers them, and does to
// them what the test asks for.
type wire struct {
	mu    sync.Mutex
	sent  Requests
	hooks []*hook
	dead  bool
	// underway are the requests that the server has, whose answer is still to come.
	underway map[*Request]bool
}

type hook struct{ call Hook }

func newWire() *wire { return &wire{underway: map[*Request]bool{}} }

// Mark is a place in the record of requests.
type Mark int

// Mark is the present end of the record.
func (w *wire) Mark() Mark {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Mark(len(w.sent))
}

// Since returns what was sent after the mark. What a fault kept back counts as
// sent: the manager can't tell.
func (w *wire) Since(m Mark) Requests {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent[m:])
}

// Underway returns the requests that wait for the server's answer, in no order. Those
// that a hook keeps are not among them.
func (w *wire) Underway() Requests {
	w.mu.Lock()
	defer w.mu.Unlock()
	var waiting Requests
	for r := range w.underway {
		waiting = append(waiting, *r)
	}
	return waiting
}

// handOver notes that the server has a request, until the returned function is called.
func (w *wire) handOver(r *Request) (answered func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.underway[r] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.underway, r)
	}
}

// Intercept has a hook see each request before it is sent, until the test ends.
func (w *wire) Intercept(t testing.TB, call Hook) {
	h := &hook{call}
	w.mu.Lock()
	w.hooks = append(w.hooks, h)
	w.mu.Unlock()
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.hooks = slices.DeleteFunc(w.hooks, func(other *hook) bool { return other == h })
	})
}

// die keeps all further requests back.
func (w *wire) die() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
}

// record remembers a request and says what is to become of it.
func (w *wire) record(r Request) Fault {
	w.mu.Lock()
	if w.dead {
		w.mu.Unlock()
		return Drop{}
	}
	w.sent = append(w.sent, r)
	hooks := slices.Clone(w.hooks)
	w.mu.Unlock()
	for _, h := range hooks { // without the lock: a hook may block
		if fault := h.call(r); fault != nil {
			return fault
		}
	}
	return nil
}

// under lays the wire over a transport.
func (w *wire) under(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(from *http.Request) (*http.Response, error) {
		request, err := read(from)
		if err != nil {
			return nil, err
		}
		fault := w.record(request)
		defer w.handOver(&request)()
		if fault != nil {
			return fault.strike(from, request, next)
		}
		return next.RoundTrip(from)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errLost is how a fault looks to the one that waits for the answer.
var errLost = errors.New("connection lost by the test")

func lost(r Request) error { return fmt.Errorf("%s: %w", r, errLost) }
