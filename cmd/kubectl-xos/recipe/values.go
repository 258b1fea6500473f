package recipe

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/json"
)

// convert returns the value of a field for the value of a property. Its error quotes no value:
// a recipe may hold secrets.
type convert func(*yaml.Node) (any, error)

// scalar refuses what is no scalar, such as a function of TOSCA.
func scalar(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return nil
	}
	if node.Kind == yaml.MappingNode && len(node.Content) > 0 && strings.HasPrefix(node.Content[0].Value, "get_") {
		return fmt.Errorf("the function %s of TOSCA can't be expressed: write the value", node.Content[0].Value)
	}
	return errors.New("expected a single value")
}

// text reads a text. A number is one as it is written: the original read 3.10 as 3.1.
func text(node *yaml.Node) (any, error) {
	if err := scalar(node); err != nil {
		return nil, err
	}
	switch node.ShortTag() {
	case "!!str", "!!int", "!!float", "!!timestamp":
		return node.Value, nil
	}
	return nil, errors.New("expected a text: put it in quotes")
}

// oneOf reads one of some words.
func oneOf(words ...string) convert {
	return func(node *yaml.Node) (any, error) {
		if scalar(node) == nil && slices.Contains(words, node.Value) {
			return node.Value, nil
		}
		return nil, fmt.Errorf("expected one of %s", strings.Join(words, ", "))
	}
}

// protocol reads the protocol of a port.
func protocol(node *yaml.Node) (any, error) {
	read := *node
	read.Value = strings.ToUpper(node.Value)
	return oneOf("TCP", "UDP", "SCTP")(&read)
}

// flag reads a truth value, as YAML 1.1 has them: so does the original.
func flag(node *yaml.Node) (any, error) {
	if err := scalar(node); err != nil {
		return nil, err
	}
	switch strings.ToLower(node.Value) {
	case "true", "yes", "on":
		return true, nil
	case "false", "no", "off":
		return false, nil
	}
	return nil, errors.New("expected true or false")
}

// number reads an integer within bounds.
func number(least, most int64) convert {
	return func(node *yaml.Node) (any, error) {
		if err := scalar(node); err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(node.Value, 10, 64)
		if err != nil || n < least || n > most {
			return nil, fmt.Errorf("expected a number from %d to %d", least, most)
		}
		return n, nil
	}
}

var decimal = regexp.MustCompile(`^[-+]?[0-9]{1,3}(\.[0-9]+)?$`)

// coordinate reads decimal degrees, which are a text here.
func coordinate(node *yaml.Node) (any, error) {
	if scalar(node) != nil || !decimal.MatchString(node.Value) {
		return nil, errors.New("expected decimal degrees, as 40.3437")
	}
	return node.Value, nil
}

// data reads the values of a config map, which are JSON in a text.
func data(node *yaml.Node) (any, error) {
	if err := scalar(node); err != nil {
		return nil, errors.New("expected the keys and values as JSON in a text")
	}
	read := map[string]any{}
	doubts, err := json.UnmarshalStrict([]byte(node.Value), &read)
	if err != nil {
		return nil, errors.New("expected the keys and values as JSON in a text: it is no JSON object")
	}
	if len(doubts) > 0 {
		return nil, errors.New("a key of its JSON is there twice")
	}
	for _, key := range slices.Sorted(maps.Keys(read)) {
		if _, ok := read[key].(string); !ok {
			return nil, fmt.Errorf("key %q: expected a text: put the value in quotes", key)
		}
	}
	return read, nil
}

// encodedData reads the values of a secret, which are in base64 besides.
func encodedData(node *yaml.Node) (any, error) {
	read, err := data(node)
	if err != nil {
		return nil, err
	}
	values, ok := read.(map[string]any)
	if !ok {
		return nil, errors.New("expected a JSON object")
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, _ := values[key].(string)
		if _, err := base64.StdEncoding.DecodeString(value); err != nil {
			return nil, fmt.Errorf("key %q: expected base64, as the original does", key)
		}
	}
	return values, nil
}

// manifests reads the resources of a resource instance.
func manifests(node *yaml.Node) (any, error) {
	if scalar(node) != nil || !strings.Contains(node.Value, "apiVersion") || !strings.Contains(node.Value, "kind") {
		return nil, errors.New("expected YAML documents in a text, each with apiVersion and kind")
	}
	return node.Value, nil
}
