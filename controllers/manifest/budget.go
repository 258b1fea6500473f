package manifest

import "fmt"

// budget is the remaining allowance of a blob as a whole. It is charged before anything is parsed
// or expanded, so that the memory which a blob takes is bounded whatever it holds.
type budget struct{ bytes, nodes, separators int }

func newBudget() *budget { return &budget{MaxExpanded, MaxNodes, MaxNodes} }

// parse charges for a text that is about to be parsed. No value is written without a
// separator, so that their number bounds that of the values at little cost; it counts
// those within strings too.
func (b *budget) parse(text []byte) error {
	if b.separators -= separators(text); b.separators < 0 {
		return fmt.Errorf("brings the blob to more than %d separators (commas, colons, dashes, brackets, lines), which is the limit: spread it over several objects", MaxNodes)
	}
	return nil
}

// expand charges for values that are about to be written out.
func (b *budget) expand(size measure) error {
	if b.bytes -= size.bytes; b.bytes < 0 {
		return fmt.Errorf("brings the blob to more than %d bytes with its aliases written out, which is the limit: write it without so many, or spread it over several objects", MaxExpanded)
	}
	if b.nodes -= size.nodes; b.nodes < 0 {
		return fmt.Errorf("brings the blob to more than %d values with its aliases written out, which is the limit: write it without so many, or spread it over several objects", MaxNodes)
	}
	return nil
}

// separators counts what may begin a value of YAML or JSON.
func separators(text []byte) int {
	count := 1
	for i, c := range text {
		switch c {
		case ',', '[', '{', '\n', '\r':
			count++
		case ':', '-', '?':
			if i+1 == len(text) || !plain(text[i+1]) {
				count++
			}
		}
	}
	return count
}

// plain returns whether a character after a colon, a dash or a question mark makes it a part of a
// plain scalar.
func plain(c byte) bool {
	return c > ' ' && c != ',' && c != '[' && c != ']' && c != '{' && c != '}' && c != '"' && c != '\''
}

// measure is the size of a value, its parts included.
type measure struct{ bytes, nodes int }

// plus adds two measures. A sum over a limit remains just over it, so that none overflows.
func (m measure) plus(other measure) measure {
	return measure{min(m.bytes+other.bytes, MaxExpanded+1), min(m.nodes+other.nodes, MaxNodes+1)}
}

// measureOf returns the size of a decoded value.
func measureOf(value any) measure {
	m := measure{nodes: 1}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			m = m.plus(measure{bytes: len(key) + 1, nodes: 1}).plus(measureOf(child))
		}
	case []any:
		for _, child := range value {
			m = m.plus(measureOf(child))
		}
	case string:
		m.bytes = len(value) + 1
	default:
		m.bytes = 1
	}
	return m
}
