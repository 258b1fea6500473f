package faults_test

import (
	"encoding/binary"
	"net"
	"sync"
)

// gate is the network before a broker: it can be shut, and it can lose answers.
type gate struct {
	// address is where the broker is reached; it stays the same once it is known.
	address string

	mu       sync.Mutex
	listener net.Listener
	broker   *inside
	through  map[net.Conn]bool
	// lose is how many answers to requests of a key are lost, and lost how many were.
	lose map[int16]int
	lost int
}

// listen implements kfake's ListenFn: each broker at this address has the gate to itself.
func (g *gate) listen(_, address string) (net.Listener, error) {
	if g.address == "" {
		g.address = address
	}
	g.mu.Lock()
	g.broker, g.through = &inside{arrived: make(chan net.Conn), closed: make(chan struct{})}, map[net.Conn]bool{}
	g.mu.Unlock()
	if err := g.open(); err != nil {
		return nil, err
	}
	g.broker.address = g.listener.Addr()
	return g.broker, nil
}

// open has connections come in.
func (g *gate) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	listener, err := net.Listen("tcp", g.address)
	if err != nil {
		return err
	}
	g.address, g.listener = listener.Addr().String(), listener
	go g.accept(listener, g.broker)
	return nil
}

func (g *gate) accept(listener net.Listener, broker *inside) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		g.through[c] = true
		g.mu.Unlock()
		select {
		case broker.arrived <- &watched{Conn: c, g: g}:
		case <-broker.closed:
			_ = c.Close()
		}
	}
}

// shut ends all connections, and refuses new ones.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.listener.Close()
	for c := range g.through {
		_ = c.Close()
	}
	clear(g.through)
}

// loseAnswers has the next answers to requests of a key lost, with their connections: the
// broker has carried them out.
func (g *gate) loseAnswers(key int16, count int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lose, g.lost = map[int16]int{key: count}, 0
}

func (g *gate) answersLost() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lost
}

func (g *gate) loses(key int16) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.lose[key] == 0 {
		return false
	}
	g.lose[key]--
	g.lost++
	return true
}

// inside is the broker's side of the gate.
type inside struct {
	address net.Addr
	arrived chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Accept implements net.Listener.
func (i *inside) Accept() (net.Conn, error) {
	select {
	case c := <-i.arrived:
		return c, nil
	case <-i.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (i *inside) Close() error {
	i.once.Do(func() { close(i.closed) })
	return nil
}

// Addr implements net.Listener.
func (i *inside) Addr() net.Addr { return i.address }

// watched is a connection of which the keys of the requests under way are known: a broker
// answers the requests of a connection in order.
type watched struct {
	net.Conn
	g *gate

	// left is how much of the present request is to come, and head its first bytes.
	left int
	head []byte

	mu   sync.Mutex
	keys []int16
}

const (
	// sizeBytes begin a request, keyBytes follow.
	sizeBytes = 4
	keyBytes  = 2
)

// Read implements net.Conn.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	for _, b := range p[:n] {
		w.take(b)
	}
	return n, err
}

func (w *watched) take(b byte) {
	if len(w.head) < sizeBytes+keyBytes {
		w.head = append(w.head, b)
	}
	if len(w.head) < sizeBytes+keyBytes {
		return
	}
	if w.left == 0 { // the key is complete
		w.left = int(binary.BigEndian.Uint32(w.head)) - keyBytes + 1
		w.mu.Lock()
		w.keys = append(w.keys, int16(binary.BigEndian.Uint16(w.head[sizeBytes:])))
		w.mu.Unlock()
	}
	if w.left--; w.left == 0 {
		w.head = nil
	}
}

// Write implements net.Conn.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	var key int16 = -1
	if len(w.keys) > 0 {
		key, w.keys = w.keys[0], w.keys[1:]
	}
	w.mu.Unlock()
	if w.g.loses(key) {
		_ = w.Conn.Close()
		return 0, net.ErrClosed
	}
	return w.Conn.Write(p)
}
