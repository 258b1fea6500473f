package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// checkExpansion bounds the size of a YAML document with its aliases expanded, before anything
// expands them: ten lines of aliases of aliases are a gigabyte otherwise, and so are a thousand
// documents of a few aliases each.
//
// It returns the document's node; nil where there are only comments.
func checkExpansion(chunk []byte, left *budget) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(chunk))
	var root yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, invalid(err)
	}
	var next yaml.Node
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return nil, errors.New("is followed by another one without a line \"---\" between them")
	}
	sizes := expansion{anchors: map[*yaml.Node]measure{}, inside: map[*yaml.Node]bool{}}
	size, err := sizes.of(&root, 0)
	if err != nil {
		return nil, err
	}
	return &root, left.expand(size)
}

// quoted matches what the parser quotes of a document besides keys.
var quoted = regexp.MustCompile("anchor '[^']*'|`[^`]*`")

// invalid returns the parser's error without what may be a value: a password that begins with * is
// an unknown anchor to it.
func invalid(err error) error {
	return fmt.Errorf("is not valid YAML: %s", quoted.ReplaceAllString(err.Error(), "anchor"))
}

// expansion measures each anchor once, however many aliases refer to it.
type expansion struct {
	anchors map[*yaml.Node]measure
	inside  map[*yaml.Node]bool
}

// of returns the size of a node, or something over the limit.
func (e *expansion) of(node *yaml.Node, level int) (measure, error) {
	// A level of YAML is at most two nodes: a list in a document, an alias.
	const most = 2 * (MaxDepth + 2)
	if level > most {
		return measure{}, fmt.Errorf("is nested deeper than %d levels, which is the limit", MaxDepth)
	}
	if node.Kind == yaml.AliasNode {
		return e.of(node.Alias, level+1)
	}
	if node.Anchor == "" {
		return e.sum(node, level)
	}
	if size, ok := e.anchors[node]; ok {
		return size, nil
	}
	if e.inside[node] {
		return measure{}, fmt.Errorf("has an anchor in line %d that contains itself", node.Line)
	}
	e.inside[node] = true
	size, err := e.sum(node, level)
	delete(e.inside, node)
	e.anchors[node] = size
	return size, err
}

func (e *expansion) sum(node *yaml.Node, level int) (measure, error) {
	size := measure{bytes: len(node.Value) + 1, nodes: 1}
	for _, child := range node.Content {
		more, err := e.of(child, level+1)
		if err != nil {
			return measure{}, err
		}
		size = size.plus(more)
	}
	return size, nil
}
