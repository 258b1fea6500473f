package cluster

import (
	"context"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// facts are what is known of the cluster without being in a cache.
type facts struct {
	mu           sync.Mutex
	version      string
	lastFullList *metav1.Time
	events       string
	trouble      string
}

// LearnVersion asks the API server for its version.
func (c *Cluster) LearnVersion(_ context.Context) error {
	info, err := c.Kubernetes.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("ask the API server for its version: %w", err)
	}
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	c.facts.version = info.GitVersion
	return nil
}

// Version is the API server's version, as "v1.36.3", when it was last asked.
func (c *Cluster) Version() string {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	return c.facts.version
}

// ListedInFull records the time of a full list that found something to repair.
func (c *Cluster) ListedInFull(at metav1.Time) {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	c.facts.lastFullList = &at
}

// LastFullList is the time of the last full list that found something to
// repair; nil before the first.
func (c *Cluster) LastFullList() *metav1.Time {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	return c.facts.lastFullList
}

// SendEventsTo says, for a person, where events go.
func (c *Cluster) SendEventsTo(place string) {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	c.facts.events = place
}

// Events is where events go; empty where they go nowhere.
func (c *Cluster) Events() string {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	return c.facts.events
}

// EventsFailed records why an event did not get through, or, where the reason is
// empty, that one did. It says whether that is news: of a failure that lasts,
// only the first reason counts.
func (c *Cluster) EventsFailed(reason string) (news bool) {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	if (c.facts.trouble == "") == (reason == "") {
		return false
	}
	c.facts.trouble = reason
	return true
}

// EventsTrouble is why events do not get through; empty while they do.
func (c *Cluster) EventsTrouble() string {
	c.facts.mu.Lock()
	defer c.facts.mu.Unlock()
	return c.facts.trouble
}
