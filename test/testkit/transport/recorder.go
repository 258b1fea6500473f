package transport

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// Recorder is a transport that records the requests of a client, and does to them
// what the test asks for.
type Recorder struct {
	mu       sync.Mutex
	requests Requests
	hooks    []*hook
	cut      bool
	// underway are the requests that the server has, whose answer is still to come.
	underway map[*Request]bool
}

// Hook is asked about each request before it is sent; nil lets it pass. It may
// take its time: the request waits.
type Hook func(Request) Fault

type hook struct{ call Hook }

// NewRecorder is a recorder whose requests the hooks see from the first one on.
func NewRecorder(hooks ...Hook) *Recorder {
	r := &Recorder{underway: map[*Request]bool{}}
	for _, call := range hooks {
		r.hooks = append(r.hooks, &hook{call})
	}
	return r
}

// Mark is a place in the record of requests.
type Mark int

// Mark is the present end of the record.
func (r *Recorder) Mark() Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Mark(len(r.requests))
}

// Since returns what was sent after the mark. What a fault kept back counts as
// sent: the client sees no difference.
func (r *Recorder) Since(m Mark) Requests {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests[m:])
}

// Underway returns the requests that wait for the server's answer, in no order. Those
// that a hook keeps are not among them.
func (r *Recorder) Underway() Requests {
	r.mu.Lock()
	defer r.mu.Unlock()
	var waiting Requests
	for request := range r.underway {
		waiting = append(waiting, *request)
	}
	return waiting
}

// handOver notes that the server has a request, until the returned function is called.
func (r *Recorder) handOver(request *Request) (answered func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underway[request] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.underway, request)
	}
}

// Intercept has a hook see each request before it is sent, until the test ends.
func (r *Recorder) Intercept(t testing.TB, call Hook) {
	h := &hook{call}
	r.mu.Lock()
	r.hooks = append(r.hooks, h)
	r.mu.Unlock()
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hooks = slices.DeleteFunc(r.hooks, func(other *hook) bool { return other == h })
	})
}

// Cut keeps all further requests back.
func (r *Recorder) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
}

// record records a request and returns what is to become of it.
func (r *Recorder) record(request Request) Fault {
	r.mu.Lock()
	if r.cut {
		r.mu.Unlock()
		return Drop{}
	}
	r.requests = append(r.requests, request)
	hooks := slices.Clone(r.hooks)
	r.mu.Unlock()
	for _, h := range hooks { // without the lock: a hook may block
		if fault := h.call(request); fault != nil {
			return fault
		}
	}
	return nil
}

// Wrap lays the recorder over another transport.
func (r *Recorder) Wrap(next http.RoundTripper) http.RoundTripper {
	return Func(func(from *http.Request) (*http.Response, error) {
		request, err := read(from)
		if err != nil {
			return nil, err
		}
		fault := r.record(request)
		defer r.handOver(&request)()
		if fault != nil {
			return fault.strike(from, request, next)
		}
		return next.RoundTrip(from)
	})
}

// Func is a transport made of a function.
type Func func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f Func) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errLost is how a fault looks to the one that waits for the answer.
var errLost = errors.New("connection lost by the test")

func lost(r Request) error { return fmt.Errorf("%s: %w", r, errLost) }
