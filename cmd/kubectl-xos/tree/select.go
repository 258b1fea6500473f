package tree

import (
	"fmt"
	"slices"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Selector chooses an object by its name, and by its kind where that is known.
type Selector struct{ Kind, Name string }

// ParseSelector reads "name" or "kind/name", of a kind that a tree shows.
func ParseSelector(text string) (Selector, error) {
	word, name, ok := strings.Cut(text, "/")
	if !ok {
		return Selector{Name: text}, nil
	}
	kind, known := snapshot.KindOf(word)
	if !known || !slices.Contains([]string{serviceKind, sliceKind, instanceKind}, kind.Name) || name == "" {
		return Selector{}, fmt.Errorf("%q: write service/NAME, slice/NAME or ksi/NAME", text)
	}
	return Selector{Kind: kind.Name, Name: name}, nil
}

// String is what was read.
func (s Selector) String() string { return strings.TrimPrefix(strings.ToLower(s.Kind)+"/"+s.Name, "/") }

// Select returns the nodes that are chosen, each with what belongs to it, and the selectors
// that chose none. A name alone chooses the uppermost nodes that have it.
func Select(roots []*Node, selectors []Selector) (chosen []*Node, unmatched []Selector) {
	if len(selectors) == 0 {
		return roots, nil
	}
	matched := make([]bool, len(selectors))
	var walk func(nodes []*Node)
	walk = func(nodes []*Node) {
		for _, n := range nodes {
			found := false
			for i, s := range selectors {
				if s.Name == n.Name && n.Kind != podKind && (s.Kind == "" || s.Kind == n.Kind) {
					found, matched[i] = true, true
				}
			}
			if found {
				chosen = append(chosen, n)
				continue
			}
			walk(n.Children)
		}
	}
	walk(roots)
	for i, s := range selectors {
		if !matched[i] {
			unmatched = append(unmatched, s)
		}
	}
	return chosen, unmatched
}
