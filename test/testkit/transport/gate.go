package transport

import (
	"io"
	"net/http"
	"sync"
)

// Gate is a fault that passes a request on, and holds back what the server sends
// while it is closed.
type Gate struct {
	mu   sync.Mutex
	open chan struct{}
}

// NewGate is an open gate.
func NewGate() *Gate {
	g := &Gate{open: make(chan struct{})}
	close(g.open)
	return g
}

// Close closes the gate for good.
func (g *Gate) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *Gate) passage() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

func (g *Gate) strike(from *http.Request, _ Request, next http.RoundTripper) (*http.Response, error) {
	response, err := next.RoundTrip(from)
	if err == nil {
		response.Body = &gated{response.Body, g, from}
	}
	return response, err
}

type gated struct {
	io.ReadCloser
	gate    *Gate
	request *http.Request
}

// Read implements io.Reader.
func (g *gated) Read(p []byte) (int, error) {
	n, err := g.ReadCloser.Read(p)
	select {
	case <-g.gate.passage():
	case <-g.request.Context().Done():
	}
	return n, err
}
