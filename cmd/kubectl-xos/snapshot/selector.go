package snapshot

import (
	"fmt"
	"slices"
	"strings"
)

// Selector chooses objects by their name, and by their kind where that is known.
type Selector struct{ Kind, Name string }

// ParseSelector reads "NAME" or "KIND/NAME", of one of these kinds of the data model.
func ParseSelector(text string, kinds ...string) (Selector, error) {
	word, name, ok := strings.Cut(text, "/")
	if !ok && text != "" {
		return Selector{Name: text}, nil
	}
	kind, known := KindOf(word)
	if !known || !slices.Contains(kinds, kind.Name) || name == "" {
		return Selector{}, fmt.Errorf("%q: write NAME, or one of %s", text, Forms(kinds...))
	}
	return Selector{Kind: kind.Name, Name: name}, nil
}

// Forms lists for a person how objects of some kinds are named: "slice/NAME, service/NAME".
func Forms(kinds ...string) string { return strings.Join(Words(kinds...), "/NAME, ") + "/NAME" }

// Matches returns whether an object is chosen.
func (s Selector) Matches(o Ref) bool { return s.Name == o.Name && (s.Kind == "" || s.Kind == o.Kind) }

// String names the object for a person.
func (s Selector) String() string { return strings.TrimPrefix(s.Kind+" "+s.Name, " ") }
