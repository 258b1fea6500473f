package manager

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// proxy is the network between a process and the API server. It hands bytes
// through until it is cut.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	isCut bool
	open  []net.Conn
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	server, err := url.Parse(plane.Shared(t).Config().Host)
	require.NoError(t, err)
	p := &proxy{target: server.Host}
	p.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { p.serve(context.WithoutCancel(t.Context()), &serving) })
	t.Cleanup(func() {
		_ = p.listener.Close()
		p.cut()
		serving.Wait()
	})
	return p
}

func (p *proxy) url() string { return "https://" + p.listener.Addr().String() }

// cut ends all connections and refuses new ones.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = true
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

// keep has a connection closed by the cut, at once where that was before.
func (p *proxy) keep(connections ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range connections {
		if p.isCut {
			_ = c.Close()
			continue
		}
		p.open = append(p.open, c)
	}
}

func (p *proxy) serve(ctx context.Context, serving *sync.WaitGroup) {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.keep(near, far)
		for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
			serving.Go(func() {
				_, _ = io.Copy(way[0], way[1])
				_ = way[0].Close()
			})
		}
	}
}
