package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The limits of a recipe. It is another one's text: what it costs to read is bounded, also
// where its aliases refer to the same values again and again.
const (
	// MaxBytes is how long a recipe may be.
	MaxBytes = 1 << 20
	// maxTemplates is how many node templates a recipe may have.
	maxTemplates = 1024
	// maxProblems is how many problems are named.
	maxProblems = 100
	// maxRead is how many bytes all its values may have, each counted as often as it is referred to.
	maxRead = 4 << 20
)

// version is that of the recipes of the original.
const version = "tosca_simple_yaml_1_0"

// File is a recipe.
type File struct{ Name, Text string }

// template is a node template.
type template struct {
	file, name string
	// kind is the type without its prefix "tosca.nodes.".
	kind         string
	properties   []entry
	requirements []requirement
}

// entry is a key of a mapping and its value.
type entry struct {
	key   string
	value *yaml.Node
}

// requirement is one that leads to another template.
type requirement struct{ name, node string }

// reader reads a recipe. It counts what it reads.
type reader struct{ left int }

// read returns the node templates of a recipe, in its order.
func read(f File) ([]*template, error) {
	if len(f.Text) > MaxBytes {
		return nil, fmt.Errorf("has %d bytes, the limit is %d: spread its templates over several recipes", len(f.Text), MaxBytes)
	}
	root, err := parse(f.Text)
	if err != nil {
		return nil, err
	}
	r := &reader{left: maxRead}
	templates, err := r.nodeTemplates(root)
	if err != nil {
		return nil, err
	}
	if len(templates) > maxTemplates {
		return nil, fmt.Errorf("has %d node templates, the limit is %d: spread them over several recipes", len(templates), maxTemplates)
	}
	var all []*template
	var errs []error
	for _, e := range templates {
		t, err := r.template(e)
		if err != nil {
			errs = append(errs, fmt.Errorf("template %q: %w", e.key, err))
			continue
		}
		t.file = f.Name
		all = append(all, t)
	}
	return all, errors.Join(errs...)
}

// quoted matches what the parser quotes of a document besides keys: a password that begins
// with * is an unknown anchor to it.
var quoted = regexp.MustCompile("anchor '[^']*'|`[^`]*`")

func parse(text string) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var root, next yaml.Node
	err := decoder.Decode(&root)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("is empty")
	}
	if err == nil {
		if err = decoder.Decode(&next); err == nil {
			return nil, errors.New("has several documents: a recipe is one, write each into a file of its own")
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("is not valid YAML: %s", quoted.ReplaceAllString(err.Error(), "anchor"))
	}
	return root.Content[0], nil
}

// silent are the keys of a recipe that nothing depends on here: what they declare are types
// of the original, anchors, and texts for people.
var silent = []string{"description", "dsl_definitions", "imports", "metadata", "template_author", "template_name", "template_version"}

// nodeTemplates returns the templates of a recipe by their names.
func (r *reader) nodeTemplates(root *yaml.Node) ([]entry, error) {
	top, err := r.mapping(root)
	if err != nil {
		return nil, err
	}
	found := ""
	var templates []entry
	for _, e := range top {
		switch {
		case e.key == "tosca_definitions_version":
			found = e.value.Value
		case e.key == "topology_template":
			if templates, err = r.topology(e.value); err != nil {
				return nil, err
			}
		case !slices.Contains(silent, e.key) && !empty(e.value):
			return nil, fmt.Errorf("%q can't be expressed: only topology_template can", e.key)
		}
	}
	if found != version {
		return nil, fmt.Errorf("tosca_definitions_version is %q and not %s: it is no recipe of XOS", found, version)
	}
	if len(templates) == 0 {
		return nil, errors.New("topology_template.node_templates has no template")
	}
	return templates, nil
}

func (r *reader) topology(node *yaml.Node) ([]entry, error) {
	topology, err := r.mapping(node)
	if err != nil {
		return nil, fmt.Errorf("topology_template: %w", err)
	}
	var templates []entry
	for _, e := range topology {
		switch {
		case e.key == "node_templates":
			if templates, err = r.mapping(e.value); err != nil {
				return nil, fmt.Errorf("topology_template.node_templates: %w", err)
			}
		case !slices.Contains(silent, e.key) && !empty(e.value):
			return nil, fmt.Errorf("topology_template: %q can't be expressed: only node_templates can", e.key)
		}
	}
	return templates, nil
}

func (r *reader) template(of entry) (*template, error) {
	t := &template{name: of.key}
	parts, err := r.mapping(of.value)
	if err != nil {
		return nil, err
	}
	for _, e := range parts {
		switch {
		case e.key == "type":
			kind, ok := strings.CutPrefix(e.value.Value, "tosca.nodes.")
			if e.value.Kind != yaml.ScalarNode || !ok || kind == "" {
				return nil, errors.New("type is not of the form tosca.nodes.NAME")
			}
			t.kind = kind
		case e.key == "properties":
			if t.properties, err = r.mapping(e.value); err != nil {
				return nil, fmt.Errorf("properties: %w", err)
			}
		case e.key == "requirements":
			if t.requirements, err = r.requirements(e.value); err != nil {
				return nil, err
			}
		case !slices.Contains(silent, e.key) && !empty(e.value):
			return nil, fmt.Errorf("%q can't be expressed: only type, properties and requirements can", e.key)
		}
	}
	if t.kind == "" {
		return nil, errors.New("has no type")
	}
	return t, nil
}

// requirements reads a list of them. TOSCA allows the name of the node alone as the value.
func (r *reader) requirements(node *yaml.Node) ([]requirement, error) {
	if empty(node) {
		return nil, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, errors.New("requirements is not a list")
	}
	var all []requirement
	for _, item := range node.Content {
		if err := r.count(item, 1); err != nil {
			return nil, fmt.Errorf("requirements: %w", err)
		}
		named, err := r.mapping(item)
		if err != nil {
			return nil, fmt.Errorf("requirements: %w", err)
		}
		for _, e := range named {
			leads, err := r.leadsTo(e.value)
			if err != nil {
				return nil, fmt.Errorf("requirement %q: %w", e.key, err)
			}
			all = append(all, requirement{e.key, leads})
		}
	}
	return all, nil
}

// belongsToOne is the relationship of all references of the original's models.
const belongsToOne = "tosca.relationships.BelongsToOne"

func (r *reader) leadsTo(node *yaml.Node) (string, error) {
	if node.Kind == yaml.ScalarNode {
		return node.Value, nil
	}
	parts, err := r.mapping(node)
	if err != nil {
		return "", err
	}
	leads := ""
	for _, e := range parts {
		switch {
		case e.key == "node":
			leads = e.value.Value
		case e.key == "relationship" && e.value.Value == belongsToOne:
		case !empty(e.value):
			return "", fmt.Errorf("%q can't be expressed: only a node, with the relationship %s, can", e.key, belongsToOne)
		}
	}
	if leads == "" {
		return "", errors.New("names no node")
	}
	return leads, nil
}

// mapping returns the entries of a mapping. Their values are resolved, and counted.
func (r *reader) mapping(node *yaml.Node) ([]entry, error) {
	node = resolve(node)
	if empty(node) {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: expected a mapping of names to values", node.Line)
	}
	var entries []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := resolve(node.Content[i]), resolve(node.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("line %d: a name is no text", key.Line)
		case key.ShortTag() == "!!merge":
			return nil, fmt.Errorf("line %d: a merge key (<<) can't be expressed: write out what it merges", key.Line)
		case seen[key.Value]:
			return nil, fmt.Errorf("line %d: %q is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if err := r.count(key, len(key.Value)+len(value.Value)+1); err != nil {
			return nil, err
		}
		entries = append(entries, entry{key.Value, value})
	}
	return entries, nil
}

// count counts bytes that were read at a node.
func (r *reader) count(at *yaml.Node, bytes int) error {
	if r.left -= bytes; r.left < 0 {
		return fmt.Errorf("line %d: its values have more than %d bytes with aliases written out, which is the limit", at.Line, maxRead)
	}
	return nil
}

// resolve returns what an alias refers to. An alias has no anchor, so it refers to no other one.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// empty returns whether a node is null, or has nothing in it.
func empty(node *yaml.Node) bool {
	if node.Kind == yaml.ScalarNode {
		return node.ShortTag() == "!!null"
	}
	return len(node.Content) == 0
}

// mark is the byte order mark that some editors begin a file with.
var mark = []byte("\ufeff")

// Text returns the text of a file's bytes.
func Text(content []byte) string { return string(bytes.TrimPrefix(content, mark)) }
