package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// health is the state behind /healthz and /readyz.
type health struct {
	// over returns why this process may not lead any more; nil if it takes no part in an election.
	over func() error

	mu sync.Mutex
	// unfilled returns the caches that are not filled yet; nil while this process does not lead.
	unfilled func() []string
	// stuck returns what has been reconciled for longer than a limit.
	stuck func(limit time.Duration) []string
	// since is when this process began to lead.
	since time.Time
}

const (
	// fillDeadline is far longer than the caches of a large cluster take (docs/benchmarks.md): a
	// process whose caches are not filled by then has, for instance, a watch that hangs.
	fillDeadline = 15 * time.Minute
	// passDeadline is far longer than a pass takes: the API server answers each request within a minute.
	passDeadline = 10 * time.Minute
)

// working makes health and readiness depend on the caches and the passes of the process that leads.
func (h *health) working(unfilled func() []string, stuck func(limit time.Duration) []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unfilled, h.stuck, h.since = unfilled, stuck, time.Now()
}

// healthy fails as soon as the Lease is lost, also while the process exits and if it does not; and
// where another process would do better, since caches are never filled or passes never end.
func (h *health) healthy(*http.Request) error {
	if h.over != nil {
		if err := h.over(); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfilled == nil {
		return nil
	}
	if left := h.unfilled(); len(left) > 0 && time.Since(h.since) > fillDeadline {
		return fmt.Errorf("caches have not been filled for %s: %s", fillDeadline, strings.Join(left, ", "))
	}
	if stuck := h.stuck(passDeadline); len(stuck) > 0 {
		return fmt.Errorf("passes do not end: %s", strings.Join(stuck, ", "))
	}
	return nil
}

func (h *health) ready(*http.Request) error {
	if err := h.healthy(nil); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfilled == nil {
		return nil // a process that waits to lead is ready
	}
	if left := h.unfilled(); len(left) > 0 {
		return fmt.Errorf("caches are being filled: %s", strings.Join(left, ", "))
	}
	return nil
}
