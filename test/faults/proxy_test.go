package faults_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// proxy stands between a manager and the API server, and does what a faulty one would to
// watches of pods.
type proxy struct {
	// address is where it is found, and authority who vouches for it.
	address   string
	authority []byte

	mu      sync.Mutex
	dropped func(watchEvent) bool
	watches map[*io.PipeWriter]*sync.Mutex
}

// watchEvent is what a watch shows.
type watchEvent struct{ what, namespace, name string }

func newProxy(t *testing.T, config *rest.Config) *proxy {
	t.Helper()
	target, err := url.Parse(config.Host)
	require.NoError(t, err)
	transport, err := rest.TransportFor(rest.AnonymousClientConfig(config))
	require.NoError(t, err)
	p := &proxy{watches: map[*io.PipeWriter]*sync.Mutex{}}
	server := httptest.NewTLSServer(&httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, ModifyResponse: p.modify,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if watchesPods(r.In) {
				r.Out.Header.Set("Accept", "application/json") // which is read here
				r.Out.Header.Del("Accept-Encoding")
			}
		},
	})
	p.address = server.URL
	p.authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

func watchesPods(r *http.Request) bool {
	return r.URL.Path == "/api/v1/pods" && r.URL.Query().Get("watch") != ""
}

// drop has watches leave out the events for which a function returns true; none for nil.
func (p *proxy) drop(these func(watchEvent) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped = these
}

// expired ends a watch whose version the API server does not remember.
const expired = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",` +
	`"message":"too old resource version","reason":"Expired","code":410}}` + "\n"

// expire ends all watches of pods so.
func (p *proxy) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w, writing := range p.watches {
		writing.Lock()
		_, _ = io.WriteString(w, expired)
		_ = w.Close()
		writing.Unlock()
	}
	clear(p.watches)
}

func (p *proxy) modify(r *http.Response) error {
	if !watchesPods(r.Request) || r.StatusCode != http.StatusOK {
		return nil
	}
	reader, writer := io.Pipe()
	body := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{reader, closers{reader, body}}
	writing := &sync.Mutex{}
	p.mu.Lock()
	p.watches[writer] = writing
	p.mu.Unlock()
	go func() {
		p.filter(body, writer, writing)
		p.mu.Lock()
		delete(p.watches, writer)
		p.mu.Unlock()
		_ = writer.Close()
	}()
	return nil
}

type closers []io.Closer

// Close implements io.Closer.
func (c closers) Close() error {
	for _, each := range c {
		_ = each.Close()
	}
	return nil
}

// filter passes on the lines of a watch that are not dropped.
func (p *proxy) filter(from io.Reader, to io.Writer, writing *sync.Mutex) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 && !p.drops(line) {
			writing.Lock()
			_, failed := to.Write(line)
			writing.Unlock()
			if failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) drops(line []byte) bool {
	var e struct {
		Type   string `json:"type"`
		Object struct {
			Metadata struct{ Namespace, Name string } `json:"metadata"`
		} `json:"object"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped != nil && p.dropped(watchEvent{e.Type, e.Object.Metadata.Namespace, e.Object.Metadata.Name})
}
