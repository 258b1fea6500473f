package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// WriteJSON writes a value as JSON: in one line, or indented for people.
func WriteJSON(w io.Writer, value any, indent bool) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	if indent {
		var lines bytes.Buffer
		if err := json.Indent(&lines, text, "", "  "); err != nil {
			return fmt.Errorf("indent JSON: %w", err)
		}
		text = lines.Bytes()
	}
	// Outside of its texts, JSON has no character that is replaced here but line ends.
	_, err = fmt.Fprintln(w, escape(string(text), unicodeEscape, func(rune) bool { return false }))
	return err
}

func encode(value any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n")), nil
}

// unicodeEscape escapes a character as JSON does. What is not UTF-8 is a replacement
// character, as it is for those that decode it. Line ends are JSON's own: in texts the
// encoder has written them as \n.
func unicodeEscape(r rune, raw string) string {
	switch {
	case r == '\n':
		return raw
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// WriteYAML writes a value as a YAML document, by its JSON.
func WriteYAML(w io.Writer, value any) error {
	decoded, err := decode(value)
	if err != nil {
		return err
	}
	return writeNode(w, "---\n", nodeOf(decoded))
}

// writeNode writes a document, without anything in it that is not visible.
func writeNode(w io.Writer, before string, node *yaml.Node) error {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return fmt.Errorf("encode as YAML: %w", err)
	}
	_, err := io.WriteString(w, before+escape(text.String(), yamlEscape, func(rune) bool { return false }))
	return err
}

// decode returns a value as its JSON has it.
func decode(value any) (any, error) {
	line, err := encode(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	return decoded, nil
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
		if v == "<<" { // which would merge a mapping into the one around it
			n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
		}
		if strings.ContainsFunc(v, func(r rune) bool { return !visible(r) }) {
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
