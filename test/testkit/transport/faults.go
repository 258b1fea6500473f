package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Fault is what becomes of a request instead of being sent and answered.
type Fault interface {
	strike(from *http.Request, request Request, next http.RoundTripper) (*http.Response, error)
}

// Drop keeps a request back: the server never sees it.
type Drop struct{}

func (Drop) strike(_ *http.Request, request Request, _ http.RoundTripper) (*http.Response, error) {
	return nil, lost(request)
}

// LoseAnswer sends a request and keeps the answer back: what it asks for
// happens, and the manager does not learn of it.
type LoseAnswer struct{}

func (LoseAnswer) strike(from *http.Request, request Request, next http.RoundTripper) (*http.Response, error) {
	response, err := next.RoundTrip(from)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, response.Body) // whatever it says is lost
	_ = response.Body.Close()
	return nil, lost(request)
}

// BeforeAnswer sends a request, and calls Do between the server's answer and the
// client that waits for it.
type BeforeAnswer struct{ Do func() }

func (f BeforeAnswer) strike(from *http.Request, _ Request, next http.RoundTripper) (*http.Response, error) {
	response, err := next.RoundTrip(from)
	f.Do()
	return response, err
}

// Refuse answers in the server's place.
type Refuse struct{ Err *apierrors.StatusError }

func (f Refuse) strike(from *http.Request, _ Request, _ http.RoundTripper) (*http.Response, error) {
	status := f.Err.Status()
	status.APIVersion, status.Kind = "v1", "Status"
	body, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: int(status.Code), Status: http.StatusText(int(status.Code)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: from,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}, nil
}

// CrashAt has the manager die at its k-th write that a function is interested
// in, counted from 1: the write meets the fault, and nothing leaves the manager
// after it. The channel is closed when that has happened. The manager has still
// to be stopped.
func (r *Recorder) CrashAt(t testing.TB, k int, fault Fault, interesting func(Request) bool) <-chan struct{} {
	var mu sync.Mutex
	crashed := make(chan struct{})
	r.Intercept(t, func(request Request) Fault {
		mu.Lock()
		defer mu.Unlock()
		if k == 0 {
			return Drop{} // it lost a race with the deadly write
		}
		if !request.Mutates() || !interesting(request) {
			return nil
		}
		if k--; k > 0 {
			return nil
		}
		r.Cut()
		close(crashed)
		return fault
	})
	return crashed
}
