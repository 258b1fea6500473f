package realkafka

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
)

// proxy stands before a listener of the broker, and can lose answers: the broker does what it
// is asked, and the connection ends before its answer arrives.
type proxy struct {
	listener net.Listener
	target   string

	mu sync.Mutex
	// lose are the numbers of answers to lose, by the key of the request's API.
	lose map[int16]int
	open map[net.Conn]bool
}

// newProxy listens at a free address.
func newProxy(ctx context.Context, target string) (*proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the broker's proxy: %w", err)
	}
	p := &proxy{listener: listener, target: target, lose: map[int16]int{}, open: map[net.Conn]bool{}}
	go p.serve()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) loseAnswers(key int16, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose[key] = n
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		go p.forward(client)
	}
}

// forward returns when one side has closed its connection, or an answer was lost.
func (p *proxy) forward(client net.Conn) {
	defer client.Close()
	broker, err := net.Dial("tcp", p.target) //nolint:noctx // it ends with its connection
	if err != nil {
		return
	}
	defer broker.Close()
	if !p.track(client) {
		return
	}
	defer p.forget(client)
	var mu sync.Mutex
	lost := map[uint32]bool{}
	ended := make(chan struct{}, 2)
	go func() {
		copyFrames(broker, client, func(frame []byte) bool { // key, version, correlation
			if len(frame) >= 8 && p.loses(int16(binary.BigEndian.Uint16(frame))) {
				mu.Lock()
				defer mu.Unlock()
				lost[binary.BigEndian.Uint32(frame[4:])] = true
			}
			return true
		})
		ended <- struct{}{}
	}()
	go func() {
		copyFrames(client, broker, func(frame []byte) bool { // correlation
			mu.Lock()
			defer mu.Unlock()
			return len(frame) < 4 || !lost[binary.BigEndian.Uint32(frame)]
		})
		ended <- struct{}{}
	}()
	<-ended
}

// loses says whether the answer to a request is to be lost.
func (p *proxy) loses(key int16) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lose[key] == 0 {
		return false
	}
	p.lose[key]--
	return true
}

func (p *proxy) track(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		return false
	}
	p.open[c] = true
	return true
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// close ends all connections.
func (p *proxy) close() error {
	err := p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		err = errors.Join(err, c.Close())
	}
	p.open = nil
	return err
}

// copyFrames copies messages of Kafka's protocol, each after its length, until one is not to
// be passed on, or a connection ends.
func copyFrames(to io.Writer, from io.Reader, pass func(frame []byte) bool) {
	for {
		length := make([]byte, 4)
		if _, err := io.ReadFull(from, length); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(length))
		if _, err := io.ReadFull(from, frame); err != nil || !pass(frame) {
			return
		}
		if _, err := to.Write(slices.Concat(length, frame)); err != nil {
			return
		}
	}
}
