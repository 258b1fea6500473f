package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// EventLog is a Publisher that prints each event as a line of JSON.
type EventLog struct {
	mu  sync.Mutex
	out io.Writer
}

// NewEventLog prints to a writer, one line a write.
func NewEventLog(out io.Writer) *EventLog { return &EventLog{out: out} }

// Publish implements Publisher. A printed event counts as acknowledged.
func (l *EventLog) Publish(_ context.Context, m event.Message) (Receipt, error) {
	line := struct {
		Key     string            `json:"key"`
		Headers map[string]string `json:"headers"`
		Value   json.RawMessage   `json:"value"`
	}{m.Key, make(map[string]string, len(m.Headers)), m.Value}
	for _, h := range m.Headers {
		line.Headers[h.Name] = h.Value
	}
	data, err := json.Marshal(line)
	if err != nil {
		return Receipt{}, fmt.Errorf("encode the event of %s: %w", m.Key, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.out.Write(append(data, '\n')); err != nil {
		return Receipt{}, fmt.Errorf("print the event of %s: %w", m.Key, err)
	}
	return Receipt{}, nil
}
