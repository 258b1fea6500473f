package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
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
	line, err := encode(v)
	if err != nil {
		return err
	}
	// Outside of its texts, JSON has no character that is replaced here.
	_, err = fmt.Fprintln(w, escape(string(line), unicodeEscape, func(rune) bool { return false }))
	return err
}

func encode(v View) ([]byte, error) {
	d, err := documentOf(v)
	if err != nil {
		return nil, err
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n")), nil
}

// unicodeEscape escapes a character as JSON does. What is not UTF-8 is a replacement
// character, as it is for those that decode it.
func unicodeEscape(r rune, _ string) string {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// YAML is a Printer of YAML documents.
type YAML struct{}

// Print implements Printer.
func (YAML) Print(w io.Writer, v View) error {
	line, err := encode(v)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return fmt.Errorf("decode a message: %w", err)
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(nodeOf(decoded)); err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	_, err = fmt.Fprint(w, "---\n", escape(text.String(), yamlEscape, func(rune) bool { return false }))
	return err
}

// nodeOf returns a value as YAML. A text with characters that are not visible is in quotes,
// where these can be escaped.
func nodeOf(value any) *yaml.Node {
	switch v := value.(type) {
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n.Content = append(n.Content, nodeOf(key), nodeOf(v[key]))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, nodeOf(item))
		}
		return n
	case string:
		n := &yaml.Node{}
		if err := n.Encode(v); err != nil { // which puts into quotes what would be no text, such as "yes"
			panic(err) // a decoded text is UTF-8
		}
		if strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// yamlEscape escapes what the encoder has left in a text in quotes. Line ends are YAML's own:
// in quotes the encoder has written them as \n.
func yamlEscape(r rune, raw string) string {
	switch {
	case r == '\n':
		return raw
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
