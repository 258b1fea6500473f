package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// EventLog is a Log that prints each event of the topic of details as a line of JSON. It
// does not know what was printed before: each start prints what is there anew.
type EventLog struct{ out io.Writer }

// NewEventLog prints to a writer, one line a write.
func NewEventLog(out io.Writer) *EventLog { return &EventLog{out: out} }

// Open implements Log.
func (l *EventLog) Open(context.Context, func(string, []byte)) (Session, error) { return l, nil }

// Close implements Session.
func (l *EventLog) Close() {}

// Partitions implements Session. The inventory is not printed.
func (l *EventLog) Partitions() (int32, error) { return 0, nil }

// Partition implements Session.
func (l *EventLog) Partition(string) (int32, error) { return 0, nil }

// Commit implements Session. A printed event counts as committed.
func (l *EventLog) Commit(_ context.Context, units []Unit) ([]error, error) {
	results := make([]error, len(units))
	for i, unit := range units {
		for _, m := range unit.Messages {
			if m.Topic != event.Details || results[i] != nil {
				continue
			}
			results[i] = l.print(m)
		}
	}
	return results, nil
}

func (l *EventLog) print(m event.Message) error {
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
		return fmt.Errorf("encode the event of %s: %w", m.Key, err)
	}
	if _, err := l.out.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("print the event of %s: %w", m.Key, err)
	}
	return nil
}

// Printed is a Log whose committed events are printed too.
type Printed struct {
	Log
	To *EventLog
}

// Open implements Log.
func (p Printed) Open(ctx context.Context, told func(string, []byte)) (Session, error) {
	s, err := p.Log.Open(ctx, told)
	if err != nil {
		return nil, err
	}
	return printedSession{s, p.To}, nil
}

type printedSession struct {
	Session
	to *EventLog
}

// Commit implements Session. What can't be printed is committed all the same.
func (p printedSession) Commit(ctx context.Context, units []Unit) ([]error, error) {
	results, err := p.Session.Commit(ctx, units)
	if err != nil {
		return nil, err
	}
	for i, unit := range units {
		if results[i] == nil {
			_, _ = p.to.Commit(ctx, []Unit{unit})
		}
	}
	return results, nil
}
