package show

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// document is a message as programs read it.
type document struct {
	Status    string            `json:"status"`
	Time      time.Time         `json:"time"`
	Partition int32             `json:"partition"`
	Offset    int64             `json:"offset"`
	Key       string            `json:"key"`
	Headers   map[string]string `json:"headers"`
	// Value is null in a tombstone, and a text where the message's is not JSON.
	Value json.RawMessage `json:"value"`
}

func documentOf(v View) (document, error) {
	d := document{
		Status: v.Status, Time: v.Time.UTC(), Partition: v.Partition, Offset: v.Offset, Key: v.Key, Headers: map[string]string{}, Value: v.Value,
	}
	for _, h := range v.Headers {
		d.Headers[h.Name] = h.Value
	}
	if v.Value != nil && !json.Valid(v.Value) {
		text, err := json.Marshal(string(v.Value))
		if err != nil {
			return d, fmt.Errorf("encode a value that is no JSON: %w", err)
		}
		d.Value = text
	}
	return d, nil
}

// JSON is a Printer of a JSON object a line.
type JSON struct{}

// Print implements Printer.
func (JSON) Print(w io.Writer, v View) error {
	d, err := documentOf(v)
	if err != nil {
		return err
	}
	return WriteJSON(w, d, false)
}

// YAML is a Printer of YAML documents.
type YAML struct{}

// Print implements Printer.
func (YAML) Print(w io.Writer, v View) error {
	d, err := documentOf(v)
	if err != nil {
		return err
	}
	return WriteYAML(w, d)
}
