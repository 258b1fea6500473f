package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const (
	podTopic     = "xos.kubernetes.pod-details"
	eventTimeout = 60 * time.Second
	// topicInterval is how often the broker is asked for a topic that is not
	// there yet.
	topicInterval = 200 * time.Millisecond
)

// podEvent is the value of a record on the pods' topic.
type podEvent struct {
	Status     string            `json:"status"`
	Name       string            `json:"name"`
	Labels     map[string]string `json:"labels"`
	Interfaces []struct {
		Addresses []string `json:"addresses"`
	} `json:"netinterfaces"`
}

// listener receives the pods' events as any other service would.
type listener struct {
	client *kgo.Client
	done   chan struct{}

	mu   sync.Mutex
	seen []podEvent
	// changed is closed, and replaced, with each event.
	changed chan struct{}
}

// listen receives from the topic's beginning on and shows each event.
func listen(ctx context.Context, broker string, show func(podEvent)) (*listener, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(broker),
		kgo.ConsumeTopics(podTopic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.MetadataMinAge(topicInterval),
		kgo.MetadataMaxAge(5*topicInterval),
	)
	if err != nil {
		return nil, fmt.Errorf("make a Kafka consumer: %w", err)
	}
	l := &listener{client: client, done: make(chan struct{}), changed: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.receive(ctx, show)
	}()
	return l, nil
}

func (l *listener) receive(ctx context.Context, show func(podEvent)) {
	for ctx.Err() == nil && !l.poll(ctx, show) {
	}
}

// poll takes what has come; true once the client is closed.
func (l *listener) poll(ctx context.Context, show func(podEvent)) bool {
	fetches := l.client.PollFetches(ctx)
	if fetches.IsClientClosed() {
		return true
	}
	// Errors are left out: the client tries again by itself, and a caller that waits
	// for an event reports it when it does not come.
	fetches.EachRecord(func(r *kgo.Record) {
		var e podEvent
		if err := json.Unmarshal(r.Value, &e); err != nil {
			e = podEvent{Status: "unreadable", Name: string(r.Key)}
		}
		show(e)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = append(l.seen, e)
		close(l.changed)
		l.changed = make(chan struct{})
	})
	return false
}

func (l *listener) stop() {
	l.client.Close()
	<-l.done
}

// count is the number of events so far.
func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.seen)
}

// await waits for an event of this status about each of the pods. The events
// before since don't count.
func (l *listener) await(ctx context.Context, since int, status string, pods ...string) error {
	ctx, cancel := context.WithTimeout(ctx, eventTimeout)
	defer cancel()
	for {
		l.mu.Lock()
		changed := l.changed
		missing := missing(l.seen[since:], status, pods)
		l.mu.Unlock()
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("no %q event on %s about %s: %w", status, podTopic, strings.Join(missing, ", "), ctx.Err())
		}
	}
}

// missing are those of the pods that no event of this status is about.
func missing(events []podEvent, status string, pods []string) []string {
	return slices.DeleteFunc(slices.Clone(pods), func(pod string) bool {
		return slices.ContainsFunc(events, func(e podEvent) bool { return e.Status == status && e.Name == pod })
	})
}

// eventLine is an event in one aligned line.
func (s *screen) eventLine(e podEvent) string {
	color := map[string]string{"created": green, "deleted": red}[e.Status]
	if color == "" {
		color = cyan
	}
	var addresses []string
	for _, i := range e.Interfaces {
		addresses = append(addresses, i.Addresses...)
	}
	return strings.Join([]string{
		"  " + s.paint(faint, "kafka"),
		s.paint(color, pad(e.Status, 7)),
		pad(e.Name, 28),
		pad(strings.Join(addresses, ","), 13),
		s.paint(faint, xosLabels(e.Labels)),
	}, "  ")
}

// xosLabels returns the labels that XOS services read.
func xosLabels(labels map[string]string) string {
	var shown []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if strings.HasPrefix(key, "xos_") || strings.HasPrefix(key, xosv1.GroupName+"/") {
			shown = append(shown, key+"="+labels[key])
		}
	}
	return strings.Join(shown, " ")
}
