package manifest

import (
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"
)

// merged returns a YAML document with its merge keys ("<<") expanded, as JSON. kubectl's parser in
// strict mode takes a key that overrides a merged one for a duplicate, and otherwise accepts
// literal duplicates. The meaning of a plain scalar is still left to that parser.
func merged(root *yaml.Node) ([]byte, error) {
	m := merging{scalars: map[string]json.RawMessage{}}
	content, err := m.value(root)
	if err != nil {
		return nil, err
	}
	return json.Marshal(content)
}

// merges returns whether a node or one in it has a merge key.
func merges(node *yaml.Node) bool {
	for i, child := range node.Content {
		if (node.Kind == yaml.MappingNode && i%2 == 0 && isMerge(child)) || merges(child) {
			return true
		}
	}
	return false
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

// merging converts nodes. It caches plain scalars, many of which are alike.
type merging struct{ scalars map[string]json.RawMessage }

func (m merging) value(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.DocumentNode:
		return m.value(node.Content[0])
	case yaml.AliasNode:
		return m.value(node.Alias)
	case yaml.MappingNode:
		return m.mapping(node)
	case yaml.SequenceNode:
		all := make([]any, len(node.Content))
		for i, child := range node.Content {
			var err error
			if all[i], err = m.value(child); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	return m.scalar(node)
}

// mapping returns the node's own keys, each once, and those of what it merges that it does not
// have; the first of several merged ones takes precedence.
func (m merging) mapping(node *yaml.Node) (map[string]any, error) {
	all := map[string]any{}
	var sources []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, child := node.Content[i], node.Content[i+1]
		if isMerge(key) {
			sources = append(sources, child)
			continue
		}
		name, err := m.key(key)
		if err != nil {
			return nil, err
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("line %d: key %q already set in map", key.Line, name)
		}
		if all[name], err = m.value(child); err != nil {
			return nil, err
		}
	}
	for _, source := range sources {
		if err := m.merge(all, source, true); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// merge adds the keys of a merge key's value: a mapping, or a list of them.
func (m merging) merge(into map[string]any, source *yaml.Node, several bool) error {
	for source.Kind == yaml.AliasNode {
		source = source.Alias
	}
	switch {
	case source.Kind == yaml.MappingNode:
		more, err := m.mapping(source)
		if err != nil {
			return err
		}
		for name, value := range more {
			if _, has := into[name]; !has {
				into[name] = value
			}
		}
		return nil
	case source.Kind == yaml.SequenceNode && several:
		for _, child := range source.Content {
			if err := m.merge(into, child, false); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("line %d: a merge key takes a mapping, or a list of mappings", source.Line)
}

func (m merging) key(node *yaml.Node) (string, error) {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("line %d: a key is no text", node.Line)
	}
	raw, err := m.scalar(node)
	if err != nil {
		return "", err
	}
	var name string
	if json.Unmarshal(raw, &name) != nil {
		name = string(raw) // a number, represented by its text
	}
	return name, nil
}

// scalar parses a scalar that is not plain text with the other parser.
func (m merging) scalar(node *yaml.Node) (json.RawMessage, error) {
	quoted, err := json.Marshal(node.Value)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", node.Line, err)
	}
	const texts = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	text := node.Value
	switch {
	case node.Style&yaml.TaggedStyle != 0:
		text = node.Tag + " " + string(quoted)
	case node.Style&texts != 0:
		return quoted, nil
	}
	if known, ok := m.scalars[text]; ok {
		return known, nil
	}
	data, err := sigsyaml.YAMLToJSON([]byte("v: " + text))
	if err != nil {
		return nil, fmt.Errorf("line %d: a value can't be read", node.Line)
	}
	var read struct {
		V json.RawMessage `json:"v"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return nil, fmt.Errorf("line %d: a value can't be read", node.Line)
	}
	m.scalars[text] = read.V
	return read.V, nil
}
