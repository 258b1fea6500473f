package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// checkExpansion bounds what a YAML document comes to once its aliases are
// written out, before anything writes them out: ten lines of aliases of aliases
// are a gigabyte otherwise.
func checkExpansion(chunk []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(chunk))
	var root yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return nil // nothing but comments
	} else if err != nil {
		return invalid(err)
	}
	var next yaml.Node
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		return errors.New("is followed by another one without a line \"---\" between them")
	}
	sizes := expansion{sizes: map[*yaml.Node]int{}, inside: map[*yaml.Node]bool{}}
	size, err := sizes.of(&root, 0)
	if err != nil {
		return err
	}
	if size > MaxExpanded {
		return fmt.Errorf("has more than %d bytes with its aliases written out, which is the limit: write it without so many", MaxExpanded)
	}
	return nil
}

// quoted is what the parser quotes of a document beside keys.
var quoted = regexp.MustCompile("anchor '[^']*'|`[^`]*`")

// invalid is the parser's error without what may be a value: a password that
// begins with * is an unknown anchor to it.
func invalid(err error) error {
	return fmt.Errorf("is not valid YAML: %s", quoted.ReplaceAllString(err.Error(), "anchor"))
}

// expansion counts each node once, however many aliases lead to it.
type expansion struct {
	sizes  map[*yaml.Node]int
	inside map[*yaml.Node]bool
}

// of is the size of a node in bytes, or something over the limit.
func (e *expansion) of(node *yaml.Node, level int) (int, error) {
	if size, ok := e.sizes[node]; ok {
		return size, nil
	}
	// A level of YAML is at most two nodes: a list in a document, an alias.
	const most = 2 * (MaxDepth + 2)
	if level > most {
		return 0, fmt.Errorf("is nested deeper than %d levels, which is the limit", MaxDepth)
	}
	if e.inside[node] {
		return 0, fmt.Errorf("has an anchor in line %d that contains itself", node.Line)
	}
	e.inside[node] = true
	defer delete(e.inside, node)
	children := node.Content
	if node.Kind == yaml.AliasNode {
		children = []*yaml.Node{node.Alias}
	}
	size := len(node.Value) + 1
	for _, child := range children {
		more, err := e.of(child, level+1)
		if err != nil {
			return 0, err
		}
		size = min(size+more, MaxExpanded+1)
	}
	e.sizes[node] = size
	return size, nil
}
