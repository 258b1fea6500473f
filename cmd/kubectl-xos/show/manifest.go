package show

import (
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// WriteManifest writes an object as WriteYAML does, for people who go on editing it: a text of
// several lines is written as such, and there is no separator before it.
func WriteManifest(w io.Writer, object map[string]any) error {
	decoded, err := decode(object)
	if err != nil {
		return err
	}
	node := nodeOf(decoded)
	literal(node)
	return writeNode(w, "", node)
}

// literal gives texts of several visible lines the style of YAML that writes them as they are.
func literal(node *yaml.Node) {
	for i, child := range node.Content {
		key := node.Kind == yaml.MappingNode && i%2 == 0
		if !key && child.Tag == "!!str" && strings.Contains(child.Value, "\n") &&
			!strings.ContainsFunc(child.Value, func(r rune) bool { return r != '\n' && !visible(r) }) {
			child.Style = yaml.LiteralStyle
		}
		literal(child)
	}
}
