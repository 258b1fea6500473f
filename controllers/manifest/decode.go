package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Decode reads a blob: YAML or JSON documents, those of a v1 List each for
// itself. The documents come in the order in which they are to be applied. An
// error names the document by its number and never quotes a value: a blob may
// hold secrets.
//
// A document may name the namespace that everything goes into, or none.
func Decode(text, namespace string) ([]Document, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("resourceDefinition has %d bytes, the limit is %d: spread it over several objects", len(text), MaxBytes)
	}
	var documents []Document
	seen, left := map[ID]bool{}, newBudget()
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(withoutByteOrderMarks(text))))
	for number := 1; ; number++ {
		chunk, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // it quotes the line
			return nil, fmt.Errorf("document %d: begins with more than \"---\" in its first line: put the rest into the next", number)
		}
		objects, err := decodeDocument(chunk, left)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", number, err)
		}
		for _, object := range objects {
			document, err := admit(object, namespace)
			if err != nil {
				return nil, fmt.Errorf("document %d: %w", number, err)
			}
			if seen[document.ID()] {
				return nil, fmt.Errorf("document %d: %s is declared twice", number, document.ID())
			}
			seen[document.ID()] = true
			documents = append(documents, document)
		}
		if len(documents) > MaxDocuments {
			return nil, fmt.Errorf("more than %d documents, which is the limit: spread them over several objects", MaxDocuments)
		}
	}
	if len(documents) == 0 {
		return nil, errors.New("resourceDefinition holds no document")
	}
	Sort(documents)
	return documents, nil
}

// byteOrderMark begins files that some editors save, and so documents of several files
// that were put together.
const byteOrderMark = "\ufeff"

// withoutByteOrderMarks is a text without the byte order marks at the beginning of lines that
// begin a document: YAML has them there. In other places they are content.
func withoutByteOrderMarks(text string) string {
	if !strings.Contains(text, byteOrderMark) {
		return text
	}
	begins := true // nothing but comments and blank lines since the last separator
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		bare := strings.TrimPrefix(line, byteOrderMark)
		separates := strings.HasPrefix(bare, "---")
		if begins || separates {
			lines[i] = bare
		}
		blank := strings.TrimSpace(bare) == "" || strings.HasPrefix(bare, "#")
		begins = separates || strings.TrimSpace(bare) == "..." || (begins && blank)
	}
	return strings.Join(lines, "")
}

// decodeDocument reads what stands between two separators: nothing, an object,
// or a List of them.
func decodeDocument(chunk []byte, left *budget) ([]map[string]any, error) {
	content, err := parse(chunk, left)
	if err != nil || len(content) == 0 {
		return nil, err
	}
	if depth(content) > MaxDepth {
		return nil, fmt.Errorf("is nested deeper than %d levels, which is the limit", MaxDepth)
	}
	if content["kind"] != "List" || content["apiVersion"] != "v1" {
		return []map[string]any{content}, nil
	}
	items, ok := content["items"].([]any)
	if !ok {
		return nil, errors.New("is a List without items")
	}
	if len(items) > MaxDocuments {
		return nil, fmt.Errorf("is a List of %d items, the limit is %d", len(items), MaxDocuments)
	}
	objects := make([]map[string]any, len(items))
	for i, item := range items {
		if objects[i], ok = item.(map[string]any); !ok {
			return nil, fmt.Errorf("item %d of the List is no object", i+1)
		}
	}
	return objects, nil
}

// parse reads one document as kubectl does, but strictly: a key that is there
// twice is refused.
func parse(chunk []byte, left *budget) (map[string]any, error) {
	if err := left.parse(chunk); err != nil {
		return nil, err
	}
	if content, ok, err := parseJSON(chunk); ok {
		if err != nil {
			return nil, err
		}
		return content, left.expand(measureOf(content))
	}
	root, err := checkExpansion(chunk, left)
	if err != nil {
		return nil, err
	}
	data, err := toJSON(chunk, root)
	if err != nil {
		return nil, invalid(err)
	}
	content, ok, err := parseJSON(data)
	if !ok && !bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, errors.New("is no object: write apiVersion, kind and metadata")
	}
	return content, err
}

func toJSON(chunk []byte, root *yamlv3.Node) ([]byte, error) {
	if root != nil && merges(root) {
		return merged(root)
	}
	return yaml.YAMLToJSONStrict(chunk)
}

// parseJSON reads an object; ok is false for anything else, such as YAML.
func parseJSON(data []byte) (content map[string]any, ok bool, _ error) {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return nil, false, nil
	}
	switch doubts, err := kjson.UnmarshalStrict(data, &content); {
	case err == nil && len(doubts) > 0:
		return nil, true, fmt.Errorf("is not valid: %w", errors.Join(doubts...))
	default:
		return content, err == nil, nil // a YAML mapping in braces begins like JSON
	}
}

// depth is how deep a value is nested. It gives up beyond the limit.
func depth(value any) int { return depthWithin(value, MaxDepth+1) }

func depthWithin(value any, most int) int {
	if most == 0 {
		return 0
	}
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, child := range value {
			deepest = max(deepest, depthWithin(child, most-1))
		}
	case []any:
		for _, child := range value {
			deepest = max(deepest, depthWithin(child, most-1))
		}
	default:
		return 0
	}
	return deepest + 1
}
